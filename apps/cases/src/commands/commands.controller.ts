import { CaseCommandMessage, Topics } from '@casewire/contracts';
import { OnRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { CommandsService } from './commands.service.ts';

@Controller()
export class CommandsController {
  constructor(private readonly commands: CommandsService) {}

  @OnRecord(Topics.caseCommands)
  execute(@Payload({ schema: CaseCommandMessage }) command: CaseCommandMessage): Promise<void> {
    return this.commands.execute(command);
  }
}
