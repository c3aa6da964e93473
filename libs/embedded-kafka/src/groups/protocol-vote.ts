import type { Member } from './member.ts';

/** The assignment protocols that every member supports, in the order that the first member prefers. */
export function findCommonProtocols(members: readonly Member[]): string[] {
  const names = members[0]?.protocols.map(({ name }) => name) ?? [];
  return names.filter((name) => members.every((member) => member.supports(name)));
}

/** The common protocol that most members prefer. */
export function chooseProtocol(members: readonly Member[]): string {
  const common = findCommonProtocols(members);
  const votes = members.map(
    (member) => member.protocols.find(({ name }) => common.includes(name))?.name,
  );
  const count = (name: string) => votes.filter((vote) => vote === name).length;
  return common.toSorted((a, b) => count(b) - count(a))[0] ?? '';
}
