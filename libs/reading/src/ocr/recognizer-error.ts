/** A recognizer could not be started, or did not come to an end without having used its processor time: the machine is at fault. */
export class RecognizerBroken extends Error {
  readonly code = 'RECOGNIZER_BROKEN';
  readonly retriable = true;
  constructor(why: string, options?: ErrorOptions) {
    super(`text could not be recognized: ${why}`, options);
  }
}

/** The recognizer failed over a raster. */
export class RecognitionFailed extends Error {
  readonly code = 'RECOGNITION_FAILED';
  readonly retriable = true;
}
