package dev.megalodon.trainer.data.shard;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.data.CorpusFiles;
import dev.megalodon.trainer.data.DocumentStream;
import dev.megalodon.trainer.exit.WorkerExit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tokens of prepared shards, one after the other. */
public final class TokenShards implements DocumentStream {
  private final List<ShardFile> shards;
  private final long[] tokensBefore; // one more than shards
  private final long[] documentsBefore;

  private TokenShards(List<ShardFile> shards) {
    this.shards = shards;
    this.tokensBefore = new long[shards.size() + 1];
    this.documentsBefore = new long[shards.size() + 1];
    for (int i = 0; i < shards.size(); i++) {
      tokensBefore[i + 1] = tokensBefore[i] + shards.get(i).tokens();
      documentsBefore[i + 1] = documentsBefore[i] + shards.get(i).documents();
    }
  }

  /**
   * Opens shards: files, or folders that {@code megalodon prepare} finished.
   *
   * @param tokenizer identity of the tokenizer that must have made them
   * @throws WorkerExit naming the file that is missing, damaged or of another tokenizer
   */
  public static TokenShards open(List<Path> sources, String tokenizer) {
    List<ShardFile> shards = new ArrayList<>();
    try {
      for (Path file : files(sources)) {
        shards.add(ShardFile.open(file));
        requireTokenizer(shards.getLast(), tokenizer);
      }
    } catch (WorkerExit e) {
      shards.forEach(ShardFile::close);
      throw e;
    }
    return new TokenShards(List.copyOf(shards));
  }

  /** The shards that files and folders stand for, in their order. */
  public static List<Path> files(List<Path> sources) {
    List<Path> files = new ArrayList<>();
    for (Path source : sources) {
      if (Files.isDirectory(source)) {
        PreparedFolder folder = PreparedFolder.read(source);
        folder.shards().forEach(shard -> files.add(source.resolve(shard.name())));
      } else {
        CorpusFiles.scan(List.of(source)).entries().forEach(entry -> files.add(entry.path()));
      }
    }
    return files;
  }

  private static void requireTokenizer(ShardFile shard, String tokenizer) {
    if (!shard.tokenizer().equals(tokenizer)) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          "%s was prepared with the tokenizer '%s', and spec.data.tokenizer is '%s'"
              .formatted(shard.path(), shard.tokenizer(), tokenizer));
    }
  }

  @Override
  public long size() {
    return tokensBefore[shards.size()];
  }

  @Override
  public int vocabularySize() {
    return shards.stream().mapToInt(ShardFile::vocabularySize).max().orElse(0);
  }

  @Override
  public String fingerprint() {
    StringBuilder all = new StringBuilder();
    shards.forEach(shard -> all.append(shard.sha256()).append('\n'));
    return Sha256.prefixed(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public long documents() {
    return documentsBefore[shards.size()];
  }

  @Override
  public long end(long document) {
    int shard = holder(documentsBefore, document);
    return tokensBefore[shard] + shards.get(shard).end(document - documentsBefore[shard]);
  }

  @Override
  public void read(long offset, int[] target, int at, int count) {
    int done = 0;
    while (done < count) {
      int shard = holder(tokensBefore, offset + done);
      long within = offset + done - tokensBefore[shard];
      int part = (int) Math.min(count - done, shards.get(shard).tokens() - within);
      shards.get(shard).read(within, target, at + done, part);
      done += part;
    }
  }

  /** The last shard with at most {@code position} before it; empty shards are passed over. */
  private static int holder(long[] before, long position) {
    int found = Arrays.binarySearch(before, position);
    if (found < 0) {
      return -found - 2;
    }
    int last = found;
    while (last + 1 < before.length && before[last + 1] == position) {
      last++;
    }
    return last;
  }

  @Override
  public void close() {
    shards.forEach(ShardFile::close);
  }
}
