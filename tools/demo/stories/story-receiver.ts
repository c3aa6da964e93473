import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';

import type { ReadRequest, Story, Target } from './story.ts';
import type { Credentials, Verification } from './verification.ts';

/** A request as the receiver read it. */
export interface ReceivedRequest extends ReadRequest {
  target: Target;
  verifications: Verification[];
}

const paths: Record<Target, string> = {
  endpoint: '/endpoint',
  'case callback': '/callbacks/link-7',
  'organization callback': '/callbacks/account',
};
const targets = Object.keys(paths) as Target[];

/** The receiver of a story: it reads and verifies the requests to each of its URLs, and answers 401 to what it cannot verify. */
export class StoryReceiver {
  private readonly credentials = new Map<Target, Credentials>();
  private server: Server | undefined;

  constructor(
    private readonly story: Pick<Story, 'read' | 'verify'>,
    private readonly onRequest: (request: ReceivedRequest) => void,
  ) {}

  async start(): Promise<void> {
    const app = express();
    for (const target of targets) {
      app.post(paths[target], express.raw({ type: () => true }), (request, response) => {
        const headers = request.headers as Record<string, string>;
        const read = this.read(target, request.body as Buffer, headers);
        response.sendStatus(read.verifications.every(({ valid }) => valid) ? 200 : 401);
        this.onRequest(read);
      });
    }
    this.server = app.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** The URL of each target. */
  urls(): Record<Target, string> {
    const origin = `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
    return Object.fromEntries(targets.map((target) => [target, origin + paths[target]])) as Record<
      Target,
      string
    >;
  }

  /** Verifies all later requests to a target with these credentials. */
  expect(target: Target, credentials: Credentials): void {
    this.credentials.set(target, credentials);
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private read(target: Target, body: Buffer, headers: Record<string, string>): ReceivedRequest {
    const credentials = this.credentials.get(target) ?? { secret: '', token: '' };
    const verifications = this.story.verify(body, headers, credentials);
    return { target, ...this.story.read(body), verifications };
  }
}
