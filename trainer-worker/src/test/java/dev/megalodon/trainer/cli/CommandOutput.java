package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.contract.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What the command line prints in this process. */
final class CommandOutput {
  private CommandOutput() {}

  /** What a command that succeeds prints. */
  static String of(String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, MegalodonCommand.run(arguments));
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The one line that a command that fails so prints. */
  static String error(ExitCode expected, String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(expected.code(), MegalodonCommand.run(arguments));
    } finally {
      System.setErr(before);
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(1, text.lines().count(), text);
    return text;
  }
}
