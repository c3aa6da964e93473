package casewire.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads the events of a topic with parallel-consumer, in the order of each key, and POSTs each one in the bytes that the delivery
 * service sends. It has no registry, no database and no signature: a floor for the cost of a delivery in order.
 *
 * <p>Arguments: the brokers, the topic, the URL of the receiver, the number of endpoints, the number of concurrent requests. It ends
 * with its standard input.
 */
public final class ParallelConsumerBench {
  private static final byte[] BEFORE_DATA =
      "{\"eventName\":\"case.completed\",\"payload\":".getBytes(UTF_8);
  private static final byte[] AFTER_DATA = "}".getBytes(UTF_8);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI[] endpoints;

  private ParallelConsumerBench(String receiver, int endpoints) {
    this.endpoints = new URI[endpoints];
    for (int n = 0; n < endpoints; n++) this.endpoints[n] = URI.create(receiver + "/ok/" + n);
  }

  public static void main(String[] arguments) throws IOException {
    String brokers = arguments[0];
    String topic = arguments[1];
    ParallelConsumerBench bench =
        new ParallelConsumerBench(arguments[2], Integer.parseInt(arguments[3]));
    int concurrency = Integer.parseInt(arguments[4]);
    try (ParallelStreamProcessor<String, byte[]> processor =
        ParallelStreamProcessor.createEosStreamProcessor(
            ParallelConsumerOptions.<String, byte[]>builder()
                .consumer(consumer(brokers))
                .ordering(ProcessingOrder.KEY)
                .maxConcurrency(concurrency)
                .build())) {
      processor.subscribe(List.of(topic));
      processor.poll(context -> bench.deliver(context.getSingleConsumerRecord()));
      System.in.readAllBytes();
    }
  }

  private static KafkaConsumer<String, byte[]> consumer(String brokers) {
    Properties settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, "parallel-consumer-bench");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // parallel-consumer commits by itself what is delivered.
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** One key goes to one endpoint. What is thrown here is tried again by parallel-consumer, before the next record of the key. */
  private void deliver(ConsumerRecord<String, byte[]> record) {
    URI endpoint = endpoints[Math.floorMod(record.key().hashCode(), endpoints.length)];
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .header("content-type", "application/json")
            .header("webhook-id", new String(record.headers().lastHeader("ce_id").value(), UTF_8))
            .timeout(Duration.ofSeconds(15))
            .POST(BodyPublishers.ofByteArray(body(record.value())))
            .build();
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() / 100 != 2)
        throw new IllegalStateException("the receiver responds " + response.statusCode());
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static byte[] body(byte[] data) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(BEFORE_DATA.length + data.length + AFTER_DATA.length);
    bytes.writeBytes(BEFORE_DATA);
    bytes.writeBytes(data);
    bytes.writeBytes(AFTER_DATA);
    return bytes.toByteArray();
  }
}
