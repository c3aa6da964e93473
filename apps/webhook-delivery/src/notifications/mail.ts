import { createTransport } from 'nodemailer';

export interface OutgoingNotification {
  id: string;
  to: string;
  subject: string;
  text: string;
}

export interface Mail {
  /** Resolves when the server has accepted it. */
  send(notification: OutgoingNotification): Promise<void>;
}

/** Mail over SMTP. A notification that goes out twice has the same Message-ID. */
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
        // RFC 3834: nobody's out-of-office note is to answer it.
        headers: { 'auto-submitted': 'auto-generated' },
      });
    },
  };
}
