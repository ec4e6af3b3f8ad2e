package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.PrintWriter;

/** Tells people of an error in one line. */
record ErrorReport(PrintWriter output) {
  /** Prints and returns the exit code. */
  int report(Throwable error, boolean debug) {
    output.println("megalodon: " + sentence(error).lines().findFirst().orElse("unexpected"));
    if (debug) {
      error.printStackTrace(output);
    }
    output.flush();
    return code(error).code();
  }

  static ExitCode code(Throwable error) {
    return error instanceof WorkerExit exit ? exit.code() : ExitCode.UNEXPECTED;
  }

  static String sentence(Throwable error) {
    return error instanceof WorkerExit exit ? exit.sentence() : "unexpected: " + error;
  }
}
