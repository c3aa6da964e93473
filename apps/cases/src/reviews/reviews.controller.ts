import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  AssignReview,
  CommentReview,
  EntityId,
  OpenReview,
  page,
  ResolveReview,
  ReviewsQuery,
  ReviewSummary,
  ReviewView,
} from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';

import { ReviewsService } from './reviews.service.ts';

@Controller('partner/v1')
export class ReviewsController {
  constructor(private readonly reviews: ReviewsService) {}

  @Get('reviews')
  @NeedsScope('reviews:read')
  @Operation('list', 'Reviews of your cases, newest first', page(ReviewSummary))
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: ReviewsQuery }) query: ReviewsQuery,
  ) {
    return this.reviews.getAll(tenant, query);
  }

  @Get('reviews/:id')
  @NeedsScope('reviews:read')
  @Operation('read', 'A review, with its comments', ReviewView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.reviews.get(tenant, id);
  }

  @Post('cases/:id/reviews')
  @NeedsScope('reviews:write')
  @Operation('create', 'Open a review of a case', ReviewView, { problems: [404] })
  open(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: OpenReview }) command: OpenReview,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.reviews.open(tenant, id, command, key);
  }

  @Post('reviews/:id/assign')
  @NeedsScope('reviews:write')
  @Operation('act', 'Assign a review to a person', ReviewView)
  assign(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: AssignReview }) command: AssignReview,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.reviews.assign(tenant, id, command, key);
  }

  @Post('reviews/:id/comments')
  @NeedsScope('reviews:write')
  @Operation('act', 'Comment on a review', ReviewView)
  comment(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: CommentReview }) command: CommentReview,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.reviews.comment(tenant, id, command, key);
  }

  @Post('reviews/:id/resolve')
  @NeedsScope('reviews:write')
  @Operation('act', 'Decide a review', ReviewView)
  resolve(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: ResolveReview }) command: ResolveReview,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.reviews.resolve(tenant, id, command, key);
  }
}
