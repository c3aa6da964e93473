import type { ViewHandlers } from './view-handlers.ts';

/** The rows of tasks and reports. */
export const taskViews: ViewHandlers = {
  TaskCreated: ({ client, orderId, event }) =>
    client.query(
      `insert into task_view (id, order_id, verification_id, case_id, status, created_at, updated_at)
       values ($1, $2, $3, $4, 'processing', $5, $5)`,
      [event.taskId, orderId, event.verificationId, event.caseId, event.at],
    ),
  TaskStatusChanged: ({ client, event }) =>
    client.query('update task_view set status = $2, reason = $3, updated_at = $4 where id = $1', [
      event.taskId,
      event.status,
      event.reason,
      event.at,
    ]),
  ReportCreated: ({ client, orderId, event }) =>
    client.query(
      `insert into report_view (id, order_id, verification_id, task_id, case_id, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [event.reportId, orderId, event.verificationId, event.taskId, event.caseId, event.at],
    ),
};
