package dev.megalodon.trainer.data.prepare;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.shard.PreparedFolder;
import dev.megalodon.trainer.data.shard.ShardWriter;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes tokens into the shards of a folder. A shard is ended after the document in which it
 * reached its size; {@code prepared.json} is written when all are.
 */
final class ShardSet implements AutoCloseable {
  private final Path folder;
  private final Tokenizer tokenizer;
  private final long shardTokens;
  private final List<PreparedFolder.Shard> done = new ArrayList<>();
  private ShardWriter open;
  private long tokens;
  private long documents;

  /**
   * Begins in a folder that is empty or not there.
   *
   * @param shardTokens after which a shard is ended
   * @throws WorkerExit {@code BAD_SPEC} when there is something in it
   */
  ShardSet(Path folder, Tokenizer tokenizer, long shardTokens) throws IOException {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.shardTokens = shardTokens;
    Files.createDirectories(folder);
    requireEmpty(folder);
    this.open = writer();
  }

  private static void requireEmpty(Path folder) throws IOException {
    boolean finished = Files.exists(folder.resolve(PreparedFolder.FILE));
    try (Stream<Path> content = Files.list(folder)) {
      if (content.findAny().isPresent()) {
        throw new WorkerExit(
            ExitCode.BAD_SPEC,
            "the output %s is not empty (%s): delete what is in it or give another"
                .formatted(
                    folder, finished ? "it is prepared already" : "it is no finished preparation"));
      }
    }
  }

  private ShardWriter writer() throws IOException {
    return new ShardWriter(
        folder.resolve(name()), tokenizer.vocabularySize(), tokenizer.identity());
  }

  private String name() {
    return "%05d.tokens".formatted(done.size());
  }

  void add(int[] ids, boolean endsDocument) throws IOException {
    open.add(ids);
    tokens += ids.length;
    if (endsDocument) {
      open.endDocument();
      documents++;
      if (open.tokens() >= shardTokens) {
        endShard();
        open = writer();
      }
    }
  }

  private void endShard() throws IOException {
    long written = open.tokens();
    String name = name();
    done.add(new PreparedFolder.Shard(name, written, open.commit()));
  }

  /** Ends the last shard and says that the folder is whole. */
  PreparedFolder commit() throws IOException {
    if (open.tokens() > 0 || done.isEmpty()) {
      endShard();
    }
    PreparedFolder prepared =
        new PreparedFolder(
            tokenizer.identity(), tokenizer.vocabularySize(), documents, tokens, done);
    prepared.write(folder);
    return prepared;
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
