import { maxEndpoints, type Audience, type Organization } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

/** @throws ApiError 409 if the organization already has the maximum number of endpoints */
export function checkCount(count: number): void {
  if (count < maxEndpoints) return;
  throw new ApiError(
    409,
    'TOO_MANY_ENDPOINTS',
    `an organization has at most ${maxEndpoints} endpoints, sandbox and production together`,
  );
}

/** @throws ApiError 422 unless the operator gave the organization this audience */
export function checkAudience(
  audience: Audience,
  { audiences }: Pick<Organization, 'audiences'>,
): void {
  if (audiences.includes(audience)) return;
  const rule = `must be one of ${audiences.join(', ')} for this organization`;
  throw new ApiError(422, 'AUDIENCE_NOT_PROVISIONED', `audience: ${rule}`, [
    { field: 'audience', rule },
  ]);
}
