/** A recognizer could not be started, or its elapsed time ran out before its processor time: the machine is at fault. */
export class RecognizerBroken extends Error {
  readonly code = 'RECOGNIZER_BROKEN';
  readonly retriable = true;
  constructor(reason: string, options?: ErrorOptions) {
    super(`text could not be recognized: ${reason}`, options);
  }
}

/** The recognizer failed on a raster. */
export class RecognitionFailed extends Error {
  readonly code = 'RECOGNITION_FAILED';
  readonly retriable = true;
}
