package dev.megalodon.trainer.cli.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A program in kubectl's place that writes down how it is called and answers as it was told. */
final class FakeKubectl {
  private static final String SCRIPT =
      """
      #!/bin/bash
      cd "$(dirname "$0")"
      printf '%s\\n' "$*" >> calls
      case " $* " in *" --filename=- "*) cat > input ;; esac
      for when in $(ls answers | grep 'when$' | sort); do
        answer=answers/${when%.when}
        if [[ "$*" == *"$(cat answers/$when)"* ]]; then
          [ -e $answer.once ] && rm answers/$when
          cat $answer.out
          cat $answer.err >&2
          exit $(cat $answer.status)
        fi
      done
      echo "error: nobody told the fake kubectl what to answer to: $*" >&2
      exit 1
      """;

  private final Path folder;
  private int answers;

  FakeKubectl(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder.resolve("answers"));
      Path script = Files.writeString(folder.resolve("kubectl"), SCRIPT);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Kubectl kubectl() {
    return new Kubectl(folder.resolve("kubectl").toString(), List.of());
  }

  /** To a call that contains this it answers so, unless something told before fits. */
  FakeKubectl answer(String call, String output) {
    return tell(call, output, "", 0);
  }

  /** The first such call only. */
  FakeKubectl answerOnce(String call, String output) {
    write("%03d.once".formatted(answers), "");
    return answer(call, output);
  }

  /** To a call that contains this it fails with these words. */
  FakeKubectl fail(String call, String errors) {
    return tell(call, "", errors, 1);
  }

  private FakeKubectl tell(String call, String output, String errors, int status) {
    String answer = "%03d".formatted(answers++);
    write(answer + ".out", output);
    write(answer + ".err", errors);
    write(answer + ".status", Integer.toString(status));
    write(answer + ".when", call);
    return this;
  }

  private void write(String name, String text) {
    try {
      Files.writeString(folder.resolve("answers").resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every call's arguments. */
  List<String> calls() {
    return read("calls").lines().toList();
  }

  /** What the last call was given to read. */
  String input() {
    return read("input");
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
