import type { EgressPolicy } from '@casewire/egress';
import type { Agent } from 'undici';

import { guardedAgent } from './guarded-agent.ts';

/** One agent per policy: a connection that one policy allows is never reused under another policy. */
export class HttpAgents {
  private readonly agents = new Map<string, Agent>();

  constructor(private readonly create: (policy: EgressPolicy) => Agent = guardedAgent) {}

  /** The agent of this policy, created at the first call. */
  for(policy: EgressPolicy): Agent {
    const key = JSON.stringify([[...policy.allow].toSorted(), policy.plainHttp]);
    const known = this.agents.get(key);
    if (known) return known;
    const agent = this.create(policy);
    this.agents.set(key, agent);
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map((agent) => agent.destroy()));
  }
}
