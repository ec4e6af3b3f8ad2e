package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.List;
import java.util.Optional;

/** What kubectl says when it fails, with the way out. */
enum Refusal {
  /** The kind is not installed. */
  NO_KIND(
      "the server doesn't have a resource type",
      ExitCode.MISSING_INPUT,
      "install the operator (its chart brings the kind), or name another --context"),
  /** The object is not there. */
  NOT_FOUND(
      "(NotFound)",
      ExitCode.MISSING_INPUT,
      "'status --all-namespaces' lists the jobs that are there"),
  /** The person may not. */
  FORBIDDEN(
      "(Forbidden)",
      ExitCode.UNEXPECTED,
      "ask the cluster's administrator for this verb, or name another --context"),
  /** Nobody answers. */
  NO_SERVER(
      "connection to the server",
      ExitCode.UNEXPECTED,
      "name another --context or --kubeconfig if that is not your cluster"),
  /** The spec is refused. */
  INVALID("is invalid", ExitCode.BAD_SPEC, "'kubectl explain mtj.spec' describes the fields"),
  /** Anything else speaks for itself. */
  OTHER("", ExitCode.UNEXPECTED, "");

  private static final List<String> PREFIXES =
      List.of("Error from server ", "error: ", "Error: ", "The ");

  private final String sign;
  private final ExitCode code;
  private final String wayOut;

  Refusal(String sign, ExitCode code, String wayOut) {
    this.sign = sign;
    this.code = code;
    this.wayOut = wayOut;
  }

  /** The error that stands for what kubectl wrote to its standard error. */
  static WorkerExit of(String errors) {
    String sentence = sentence(errors);
    for (Refusal refusal : values()) {
      if (errors.contains(refusal.sign)) {
        String end = refusal.wayOut.isEmpty() ? "" : "; " + refusal.wayOut;
        return new WorkerExit(refusal.code, "kubectl: " + sentence + end);
      }
    }
    throw new IllegalStateException("the last one fits all");
  }

  /** All of it in one line, from where the error begins. */
  private static String sentence(String errors) {
    List<String> lines = errors.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    Optional<String> first =
        lines.stream().filter(line -> PREFIXES.stream().anyMatch(line::startsWith)).findFirst();
    int begin = first.map(lines::indexOf).orElse(0);
    String text = String.join(" ", lines.subList(begin, lines.size()));
    String found = text.isEmpty() ? "it failed and did not say why" : text;
    return PREFIXES.stream()
        .limit(PREFIXES.size() - 1L)
        .filter(found::startsWith)
        .findFirst()
        .map(prefix -> found.substring(prefix.length()))
        .orElse(found);
  }
}
