import { createHash, timingSafeEqual } from 'node:crypto';

import type { Scope } from '@casewire/contracts';
import { Problems, ApiError } from '@casewire/service';
import {
  createParamDecorator,
  Injectable,
  SetMetadata,
  UseGuards,
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiSecurity } from '@nestjs/swagger';
import type { Request } from 'express';

import { Authenticator, type Principal } from './authenticator.ts';

const scopeKey = 'casewire.scope';
type Authenticated = Request & { principal?: Principal };

const credential = (request: Request): string | undefined =>
  request.get('x-api-key') ?? /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Authenticated>();
    const principal = await this.authenticator.authenticate(credential(request));
    const scope = this.reflector.get<Scope>(scopeKey, context.getHandler());
    if (!principal.scopes.includes(scope)) {
      throw new ApiError(403, 'SCOPE_MISSING', `this API key does not have the scope ${scope}`);
    }
    request.principal = principal;
    return true;
  }
}

/** The two ways to send a key, for the OpenAPI documents. */
const withKey = () => [ApiSecurity('x-api-key'), ApiSecurity('bearer')];

/** The route requires an API key with this scope. `@CurrentPrincipal()` gives its principal. */
export const NeedsScope = (scope: Scope) =>
  applyDecorators(
    SetMetadata(scopeKey, scope),
    UseGuards(ApiKeyGuard),
    ...withKey(),
    Problems(401, 403),
  );

/** The principal of the request, as a parameter of a handler. Only for routes with `@NeedsScope()`. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<Required<Authenticated>>().principal,
);

/** The key of the platform's operator. */
export class OperatorKey {
  private readonly digest: Buffer;
  constructor(key: string) {
    this.digest = OperatorKey.hash(key);
  }
  /** Compares in constant time, for texts of any length. */
  matches(given: string): boolean {
    return timingSafeEqual(OperatorKey.hash(given), this.digest);
  }
  private static hash(text: string): Buffer {
    return createHash('sha256').update(text).digest();
  }
}

@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly key: OperatorKey) {}

  canActivate(context: ExecutionContext): boolean {
    const given = credential(context.switchToHttp().getRequest<Request>());
    if (given !== undefined && this.key.matches(given)) return true;
    throw new ApiError(
      401,
      'UNAUTHORIZED',
      'the operator key is required: x-api-key, or Authorization: Bearer',
    );
  }
}

/** The route requires the operator key. */
export const NeedsOperator = () =>
  applyDecorators(UseGuards(OperatorGuard), ...withKey(), Problems(401));
