import { afterEach, describe, expect, test } from 'vitest';

import {
  blocked,
  delivered,
  EgressEnvironment,
  loopback,
  nothing,
  post,
  to,
} from '../../../test/egress-environment.ts';
import { guardedAgent } from './guarded-agent.ts';
import { HttpAgents } from './http-agents.ts';

const world = new EgressEnvironment();
afterEach(() => world.close());

describe('agents', () => {
  const pool = () => {
    const agents = new HttpAgents((policy) => guardedAgent(policy, to('127.0.0.1')));
    world.until(() => agents.close());
    return agents;
  };

  test('are one for each policy, in whatever order it is written', () => {
    const agents = pool();
    const policy = { allow: ['a.test', '10.0.0.0/8'], plainHttp: false };
    expect(agents.for(policy)).toBe(agents.for({ ...policy, allow: policy.allow.toReversed() }));
    expect(agents.for(policy)).not.toBe(agents.for({ ...policy, plainHttp: true }));
    expect(agents.for(policy)).not.toBe(agents.for({ ...policy, allow: ['a.test'] }));
    expect(agents.for(policy)).not.toBe(agents.for(nothing));
  });

  test('do not lend each other connections: what one policy keeps open another cannot use', async () => {
    const { port, paths } = await world.http();
    const agents = pool();
    const url = `http://receiver.test:${port}/`;
    expect(await post(url, agents.for(loopback))).toMatchObject(delivered);
    expect(await post(url, agents.for({ ...loopback, allow: [] }))).toMatchObject(blocked);
    expect(await post(url, agents.for(loopback))).toMatchObject(delivered);
    expect(paths).toHaveLength(2);
  });
});
