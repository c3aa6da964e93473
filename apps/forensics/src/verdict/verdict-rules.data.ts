/** Thresholds of the verdict. Values are probabilities of a forgery, 0 to 1. */
export const verdictRules = {
  /** From here on the verdict is `review`: a person decides. */
  review: 0.35,
  /** From here on the verdict is `fail`, if enough kinds of evidence are strong. */
  fail: 0.8,
  /** So many kinds of evidence must be strong. */
  strongKinds: 2,
  /** A kind of evidence is strong from here on. */
  strong: 0.2,
};
