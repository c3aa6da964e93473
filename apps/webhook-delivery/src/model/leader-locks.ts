/**
 * Advisory locks of the tasks that one instance does at a time: the namespace, and the key of each task. The numbers must not
 * change: instances of two versions run side by side during an update.
 */
export const leaderLocks = {
  space: 0x0ca5e2,
  publishDeliveryEvents: 1,
  sendNotifications: 2,
  gatherAlerts: 3,
} as const;
