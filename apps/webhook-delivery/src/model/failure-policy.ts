import type { OnExhausted } from '@casewire/contracts';

/** What an endpoint configures for failed deliveries. */
export interface FailurePolicy {
  /** Delays between attempts in milliseconds; null: the dialect's schedule. */
  delays: readonly number[] | null;
  onExhausted: OnExhausted;
}
