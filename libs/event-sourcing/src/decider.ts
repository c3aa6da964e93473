/**
 * An aggregate as three pure functions: what a command decides, what an event changes, and the state before the first event.
 * Time, ids and randomness are part of the command.
 */
export interface Decider<Command, State, Event> {
  /** The events that follow from the command; none if it changes nothing. @throws if the state forbids the command */
  decide(command: Command, state: State): Event[];
  evolve(state: State, event: Event): State;
  initialState(): State;
}

/** The state of an aggregate after these events, in the order of its stream. */
export const stateAfter = <Command, State, Event>(
  decider: Decider<Command, State, Event>,
  events: Iterable<Event>,
): State => {
  let state = decider.initialState();
  for (const event of events) state = decider.evolve(state, event);
  return state;
};
