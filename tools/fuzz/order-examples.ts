import type { FuzzedOrders } from './fuzzed-orders.ts';
import type { OperationExample } from './operation-examples.ts';

/** A request for each operation of the Orders API that needs a resource, or a body that a schema does not give. */
export function orderExamples(orders: FuzzedOrders): OperationExample[] {
  const { completed } = orders;
  const write = (path: string, id: string, body?: unknown): OperationExample => ({
    operation: `POST /orders/v1/${path}`,
    path: { id },
    ...(body !== undefined && { body }),
  });
  const verificationOf = ({ verifications }: FuzzedOrders['completed']) => verifications[0]!.id;
  const onOrder = (action: string, { id }: FuzzedOrders['completed'], body?: unknown) =>
    write(`orders/{id}/${action}`, id, body);
  const onVerification = (action: string, order: FuzzedOrders['completed'], body?: unknown) =>
    write(`verifications/{id}/${action}`, verificationOf(order), body);
  const content = {
    title: 'Income',
    verifications: [
      { name: 'income', method: 'documents', documentTypes: ['payslip'], approval: 'another' },
    ],
  };
  return [
    { operation: 'GET /orders/v1/orders/{id}', path: { id: completed.id } },
    {
      operation: 'POST /orders/v1/orders',
      path: {},
      body: { templateId: completed.templateId, user: { name: 'Ana' } },
    },
    onOrder('cancel', orders.toCancel),
    onOrder('refresh', orders.toRefresh, {}),
    { operation: 'DELETE /orders/v1/orders/{id}', path: { id: orders.toDelete.id } },
    { operation: 'GET /orders/v1/verifications/{id}', path: { id: verificationOf(completed) } },
    onVerification('approve', orders.toApprove),
    onVerification('refuse', orders.toRefuse),
    onVerification('cancel', orders.toCancelVerification),
    onVerification('information', orders.actionRequired, { data: { note: 'it is in the mail' } }),
    { operation: 'GET /orders/v1/templates/{id}', path: { id: completed.templateId } },
    {
      operation: 'POST /orders/v1/templates',
      path: {},
      body: { id: `${completed.templateId}-more`, ...content },
    },
    write('templates/{id}/versions', completed.templateId, content),
  ];
}
