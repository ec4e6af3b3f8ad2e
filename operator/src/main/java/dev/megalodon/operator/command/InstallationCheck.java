package dev.megalodon.operator.command;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code check [--operator=URL] [--namespace=NAME]…}, the pod of {@code helm test}: whether the
 * operator at this address is ready, and whether the API server knows the kind and lets the
 * operator's account list jobs in these namespaces (none: in all).
 */
final class InstallationCheck {
  private static final String OPERATOR = "--operator=";
  private static final String NAMESPACE = "--namespace=";
  private static final String READY = "status 200";
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A Service learns of a pod that became ready a moment after the pod did. */
  private static final int TRIES = 30;

  private static final ListOptions ONE = new ListOptionsBuilder().withLimit(1L).build();

  private final KubernetesClient client;
  private final PrintStream output;
  private final int tries;

  /**
   * Checks with the rights of this client.
   *
   * @param output where it tells what it found
   */
  InstallationCheck(KubernetesClient client, PrintStream output) {
    this(client, output, TRIES);
  }

  InstallationCheck(KubernetesClient client, PrintStream output, int tries) {
    this.client = client;
    this.output = output;
    this.tries = tries;
  }

  /** Everything that is wrong, with the way out; empty if nothing is. */
  List<String> problems(String... arguments) throws InterruptedException {
    Optional<String> notReady = Optional.empty();
    for (String operator : values(OPERATOR, arguments)) {
      notReady = notReady(URI.create(operator).resolve("/q/health/ready"));
    }
    List<String> namespaces = values(NAMESPACE, arguments);
    Stream<String> unlisted =
        namespaces.isEmpty()
            ? unlisted("").stream()
            : namespaces.stream().map(this::unlisted).flatMap(Optional::stream);
    return Stream.concat(notReady.stream(), unlisted).toList();
  }

  private static List<String> values(String option, String... arguments) {
    return Arrays.stream(arguments)
        .filter(argument -> argument.startsWith(option))
        .map(argument -> argument.substring(option.length()))
        .toList();
  }

  private Optional<String> notReady(URI address) throws InterruptedException {
    String answer = "";
    for (int i = 0; i < tries && !answer.equals(READY); i++) {
      if (i > 0) {
        Thread.sleep(PAUSE);
      }
      answer = ask(address);
    }
    output.printf("%s: %s%n", address, answer);
    return answer.equals(READY)
        ? Optional.empty()
        : Optional.of("the operator is not ready, see its pods and their log: " + answer);
  }

  private static String ask(URI address) throws InterruptedException {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
      HttpRequest request = HttpRequest.newBuilder(address).timeout(ANSWER).build();
      return "status " + http.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException failure) {
      return failure.toString();
    }
  }

  /** What keeps jobs of a namespace from being listed; an empty name is all namespaces. */
  private Optional<String> unlisted(String namespace) {
    String where = namespace.isEmpty() ? "all namespaces" : "namespace " + namespace;
    var jobs = client.resources(MegalodonTrainingJob.class);
    try {
      if (namespace.isEmpty()) {
        jobs.inAnyNamespace().list(ONE);
      } else {
        jobs.inNamespace(namespace).list(ONE);
      }
      output.printf("jobs in %s can be listed%n", where);
      return Optional.empty();
    } catch (KubernetesClientException failure) {
      return Optional.of(explain(failure, where));
    }
  }

  private static String explain(KubernetesClientException failure, String where) {
    return switch (failure.getCode()) {
      case HttpURLConnection.HTTP_NOT_FOUND ->
          "the API server does not know MegalodonTrainingJob: install the CRD (crds.install)";
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "the operator's account may not list jobs in %s (rbac.create, watchNamespaces): %s"
              .formatted(where, failure.getMessage());
      default -> "cannot list jobs in %s: %s".formatted(where, failure.getMessage());
    };
  }
}
