package dev.megalodon.operator.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/** Runs the operator; with the argument {@code check}, {@link InstallationCheck} instead. */
@QuarkusMain
public final class OperatorMain {
  private static final String CHECK = "check";

  private OperatorMain() {}

  /** Does what the first argument asks for. */
  public static void main(String... arguments) throws InterruptedException {
    if (arguments.length > 0 && arguments[0].equals(CHECK)) {
      System.exit(check(arguments));
    }
    Quarkus.run(arguments);
  }

  /** Without Quarkus, which would start an operator. */
  private static int check(String... arguments) throws InterruptedException {
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      List<String> problems = new InstallationCheck(client, System.out).problems(arguments);
      problems.forEach(System.err::println);
      return problems.isEmpty() ? 0 : 1;
    }
  }
}
