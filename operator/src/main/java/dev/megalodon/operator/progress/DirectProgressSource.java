package dev.megalodon.operator.progress;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.crds.contract.Curve;
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
public final class DirectProgressSource implements WorkerSource {
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
    return ask(job, worker, "/progress", Progress.class);
  }

  @Override
  public Optional<Curve> ask(JobId job, WorkerEndpoint worker, long since) {
    return ask(job, worker, "/curve?since=" + since, Curve.class);
  }

  private <T> Optional<T> ask(JobId job, WorkerEndpoint worker, String path, Class<T> type) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri(worker.address(), path)).timeout(timeout).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.of(mapper.readValue(answer.body(), type))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException noAnswer) {
      LOG.debugf("%s: no %s from pod %s: %s", job, path, worker.pod(), noAnswer.getMessage());
      return Optional.empty();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private URI uri(String address, String path) {
    String host = address.contains(":") ? "[" + address + "]" : address;
    return URI.create("http://" + host + ":" + port + path);
  }
}
