package dev.megalodon.trainer.data.shard;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What {@code prepared.json} says of a folder of shards. It is written last: a folder without one
 * was not finished.
 *
 * @param tokenizer identity of the tokenizer
 * @param vocabularySize of the tokenizer
 * @param documents in all shards
 * @param tokens in all shards
 * @param shards in their order
 */
public record PreparedFolder(
    String tokenizer, int vocabularySize, long documents, long tokens, List<Shard> shards) {
  /** Name of the file. */
  public static final String FILE = "prepared.json";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A shard: name in the folder, tokens, and SHA-256 of all but its header. */
  public record Shard(String name, long tokens, String sha256) {}

  /** Keeps its own copy. */
  public PreparedFolder {
    shards = shards == null ? List.of() : List.copyOf(shards);
  }

  /**
   * Reads what is in a folder.
   *
   * @throws WorkerExit {@code MISSING_INPUT} when the folder was not finished, {@code BAD_DATA}
   *     when the file is no such file
   */
  public static PreparedFolder read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT,
          "there is no %s: %s is no folder of shards, or megalodon prepare was interrupted"
              .formatted(file, folder));
    }
    try {
      PreparedFolder read = JSON.readValue(file.toFile(), PreparedFolder.class);
      read.requireNames(file);
      return read;
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
    }
  }

  private void requireNames(Path file) throws IOException {
    boolean plain =
        shards.stream().allMatch(shard -> shard.name() != null && shard.name().matches("[\\w.-]+"));
    if (shards.isEmpty() || !plain) {
      throw new IOException("it names no shards of this folder");
    }
  }

  private static WorkerExit unreadable(Path file, String why, IOException cause) {
    return new WorkerExit(ExitCode.BAD_DATA, "%s cannot be used: %s".formatted(file, why), cause);
  }

  /** Writes it, whole or not at all. */
  public void write(Path folder) throws IOException {
    Path unfinished = folder.resolve(FILE + ".unfinished");
    Files.write(unfinished, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    Files.move(unfinished, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }
}
