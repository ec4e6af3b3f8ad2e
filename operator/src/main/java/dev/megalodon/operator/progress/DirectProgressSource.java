package dev.megalodon.operator.progress;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.operator.naming.JobId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Asks a worker at its pod's address. */
public final class DirectProgressSource implements ProgressSource {
  private static final Logger LOG = Logger.getLogger(DirectProgressSource.class);

  private final HttpClient http;
  private final ObjectMapper mapper;
  private final Duration timeout;
  private final int port;

  /** A source that waits at most this long for an answer. */
  public DirectProgressSource(ObjectMapper mapper, Duration timeout) {
    this(mapper, timeout, WorkerPorts.HTTP);
  }

  DirectProgressSource(ObjectMapper mapper, Duration timeout, int port) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
    this.mapper = mapper;
    this.timeout = timeout;
    this.port = port;
  }

  @Override
  public Optional<Progress> ask(JobId job, WorkerEndpoint worker) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri(worker.address())).timeout(timeout).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.of(mapper.readValue(answer.body(), Progress.class))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException noAnswer) {
      LOG.debugf("%s: no progress from pod %s: %s", job, worker.pod(), noAnswer.getMessage());
      return Optional.empty();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private URI uri(String address) {
    String host = address.contains(":") ? "[" + address + "]" : address;
    return URI.create("http://" + host + ":" + port + "/progress");
  }
}
