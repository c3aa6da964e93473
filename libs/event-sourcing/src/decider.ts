/**
 * An aggregate as three pure functions: what a command means, what a fact changes, what there is before any fact.
 * Time, ids and randomness come with the command.
 */
export interface Decider<Command, State, Fact> {
  /** The facts that follow from the command; none where it changes nothing. @throws where the state forbids it */
  decide(command: Command, state: State): Fact[];
  evolve(state: State, fact: Fact): State;
  initialState(): State;
}

export const replay = <Command, State, Fact>(
  decider: Decider<Command, State, Fact>,
  facts: Iterable<Fact>,
): State => {
  let state = decider.initialState();
  for (const fact of facts) state = decider.evolve(state, fact);
  return state;
};
