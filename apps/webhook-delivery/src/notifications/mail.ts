import { createTransport } from 'nodemailer';

export interface OutgoingNotification {
  id: string;
  to: string;
  subject: string;
  text: string;
}

export interface Mail {
  /** Resolves when the server has accepted the message. @throws nodemailer's error, with the `responseCode` of the server */
  send(notification: OutgoingNotification): Promise<void>;
}

/** Sends mail over SMTP. A notification that is sent twice has the same Message-ID. */
export function smtpMail({ url, from }: { url: string; from: string }): Mail {
  const transport = createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
  return {
    async send({ id, to, subject, text }) {
      await transport.sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<notification-${id}@${domain}>`,
        // RFC 3834: automatic replies must not be sent to it.
        headers: { 'auto-submitted': 'auto-generated' },
      });
    },
  };
}
