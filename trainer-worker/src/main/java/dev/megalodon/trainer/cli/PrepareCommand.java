package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.CorpusFiles;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.prepare.Preparation;
import dev.megalodon.trainer.data.shard.PreparedFolder;
import dev.megalodon.trainer.data.shard.ShardFile;
import dev.megalodon.trainer.data.shard.TokenShards;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import dev.megalodon.trainer.tokenizer.Tokenizers;
import java.io.Console;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns text into shards of tokens, or checks shards. */
@Command(
    name = "prepare",
    description = "Turns text into shards of tokens for spec.data.format tokens.",
    footer = {
      "%nExamples:",
      "  megalodon prepare --tokenizer tokenizer.json --output shards/books books/",
      "  megalodon prepare --format jsonl --tokenizer t.model --output shards/web web/*.jsonl",
      "  megalodon prepare --verify shards/books"
    },
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {
  private static final long MEBIBYTE = 1 << 20;

  /** How sources are read. */
  enum Format {
    TEXT,
    JSONL
  }

  @Parameters(arity = "1..*", paramLabel = "SOURCE", description = "Files and folders.")
  private List<Path> sources = List.of();

  @Option(
      names = "--format",
      defaultValue = "TEXT",
      description = "text: a file is a document; jsonl: a line is one (default text).")
  private Format format = Format.TEXT;

  @Option(
      names = "--json-field",
      defaultValue = "text",
      description = "Field of a line that has the text (default ${DEFAULT-VALUE}).")
  private String jsonField = "text";

  @Option(
      names = "--tokenizer",
      defaultValue = "bytes",
      description = "bytes (default), a SentencePiece .model or a tokenizer.json.")
  private String tokenizer = "bytes";

  @Option(names = "--output", description = "Folder for the shards, empty or not there.")
  private @Nullable Path output;

  @Option(
      names = "--shard-tokens",
      defaultValue = "268435456",
      description = "Tokens after which a shard ends (default ${DEFAULT-VALUE}).")
  private long shardTokens;

  @Option(
      names = "--threads",
      description = "Threads that tokenize (default: all CPUs); the output is the same.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--verify",
      description = "Write nothing: read shards or folders of them whole, compare checksums.")
  private boolean verify;

  @Override
  public Integer call() {
    if (verify) {
      sources.forEach(PrepareCommand::verify);
    } else {
      prepare();
    }
    return ExitCode.COMPLETE.code();
  }

  private static void verify(Path source) {
    for (Path file : TokenShards.files(List.of(source))) {
      try (ShardFile shard = ShardFile.open(file)) {
        shard.verify();
        System.out.printf(
            "ok %s: %d tokens, %d documents%n", file, shard.tokens(), shard.documents());
      }
    }
  }

  private void prepare() {
    Path folder = output;
    if (folder == null || threads < 1 || shardTokens < 1) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC, "give --output a folder, and --threads and --shard-tokens 1 or more");
    }
    DataFormat read =
        format == Format.JSONL ? new DataFormat.JsonLines(jsonField) : new DataFormat.Text();
    CorpusFiles files = CorpusFiles.scan(sources);
    try (Tokenizer opened = Tokenizers.open(TokenizerOptions.source(tokenizer));
        Bar bar = Bar.of(files.size())) {
      PreparedFolder prepared =
          new Preparation(read, opened, shardTokens, threads, bar).run(files, folder);
      System.out.printf(
          "%d documents, %d tokens in %d shards in %s%n",
          prepared.documents(), prepared.tokens(), prepared.shards().size(), folder);
    }
  }

  /** Shows progress on a terminal, nothing elsewhere. */
  private record Bar(@Nullable ProgressBar shown) implements LongConsumer, AutoCloseable {
    static Bar of(long bytes) {
      Console console = System.console();
      boolean terminal = console != null && console.isTerminal();
      return new Bar(terminal ? bar(bytes) : null);
    }

    private static ProgressBar bar(long bytes) {
      return new ProgressBarBuilder()
          .setTaskName("prepare")
          .setInitialMax(bytes)
          .setUnit(" MiB", MEBIBYTE)
          .showSpeed()
          .build();
    }

    @Override
    public void accept(long bytes) {
      if (shown != null) {
        shown.stepBy(bytes);
      }
    }

    @Override
    public void close() {
      if (shown != null) {
        shown.close();
      }
    }
  }
}
