package dev.megalodon.trainer.data.prepare;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.CorpusFiles;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.shard.PreparedFolder;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

/**
 * Tokenizes files into shards. One thread reads and writes, in order; others tokenize; so many
 * pieces are under way at once that all have work. The output does not depend on their number.
 */
public final class Preparation {
  // Enough that nobody waits for the writer, few enough that memory stays small.
  private static final int PIECES_PER_THREAD = 4;

  private final PieceReader reader;
  private final Tokenizer tokenizer;
  private final long shardTokens;
  private final int threads;
  private final LongConsumer progress;

  /** A piece that is being tokenized. */
  private record Work(Piece piece, Path file, Future<int[]> ids) {}

  /**
   * How to prepare.
   *
   * @param format of the sources, text or JSON lines
   * @param shardTokens tokens after which a shard is ended
   * @param threads that tokenize
   * @param progress told of bytes of the sources that are done
   * @throws WorkerExit {@code BAD_SPEC} for sources that are shards already
   */
  public Preparation(
      DataFormat format,
      Tokenizer tokenizer,
      long shardTokens,
      int threads,
      LongConsumer progress) {
    this.reader =
        switch (format) {
          case DataFormat.Text() -> PieceReader.text();
          case DataFormat.JsonLines(String field) -> PieceReader.jsonLines(field);
          case DataFormat.Shards(String ignored) ->
              throw new WorkerExit(ExitCode.BAD_SPEC, "shards are prepared already");
        };
    this.tokenizer = tokenizer;
    this.shardTokens = shardTokens;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * Writes the shards of some files, in their order.
   *
   * @param folder empty or not there
   * @throws WorkerExit naming what cannot be read or written
   */
  public PreparedFolder run(CorpusFiles files, Path folder) {
    try (ExecutorService workers = Executors.newFixedThreadPool(threads);
        ShardSet shards = new ShardSet(folder, tokenizer, shardTokens)) {
      Deque<Work> underWay = new ArrayDeque<>();
      for (CorpusFiles.Entry entry : files.entries()) {
        reader.read(entry.path(), piece -> take(piece, entry.path(), underWay, workers, shards));
      }
      while (!underWay.isEmpty()) {
        write(underWay.remove(), shards);
      }
      return shards.commit();
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private void take(
      Piece piece, Path file, Deque<Work> underWay, ExecutorService workers, ShardSet shards) {
    Future<int[]> ids = workers.submit(() -> tokenizer.encode(piece.text()));
    underWay.add(new Work(piece, file, ids));
    if (underWay.size() > threads * PIECES_PER_THREAD) {
      write(underWay.remove(), shards);
    }
  }

  private void write(Work work, ShardSet shards) {
    try {
      shards.add(work.ids().get(), work.piece().endsDocument());
      progress.accept(work.piece().bytesRead());
    } catch (IOException e) {
      throw unwritable(Path.of("the output"), e);
    } catch (ExecutionException e) {
      throw untokenized(work.file(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerExit(ExitCode.LEFT_ON_NOTICE, "interrupted while preparing", e);
    }
  }

  private static WorkerExit untokenized(Path file, ExecutionException e) {
    Throwable cause = e.getCause();
    return new WorkerExit(
        ExitCode.BAD_DATA,
        "%s cannot be tokenized: %s"
            .formatted(file, cause instanceof WorkerExit exit ? exit.sentence() : cause),
        e);
  }

  private static WorkerExit unwritable(Path folder, IOException cause) {
    return new WorkerExit(
        ExitCode.CHECKPOINT_FAILED,
        "%s cannot be written: %s".formatted(folder, cause.getMessage()),
        cause);
  }
}
