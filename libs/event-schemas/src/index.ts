export { checkSchema, schemaLimits } from './check-schema.ts';
export { compare } from './compatibility/compare.ts';
export { checkExpression, expressionLimit } from './conversion/check-expression.ts';
export { Converter, type Converted } from './conversion/converter.ts';
export {
  checkDownConversion,
  type DownConversionChecked,
  type Version,
} from './conversion/down-conversion.ts';
export type { EvaluatorLimits } from './conversion/evaluator.ts';
export {
  depthOf,
  resolve,
  shown,
  type Fault,
  type Json,
  type Schema,
  type SubSchema,
} from './schema.ts';
export { compileSchema, type Validate } from './validator.ts';
export { valuesOf } from './values.ts';
