// Runs the embedded broker in its own process, so that its processor time is counted apart.
import { EmbeddedKafka } from '@casewire/embedded-kafka';

const broker = new EmbeddedKafka({ directory: process.env.BENCH_BROKER_DIRECTORY! });
await broker.start();
process.on('disconnect', () => void broker.stop().then(() => process.exit(0)));
process.send!({ brokers: broker.brokers });
