package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.evaluation.DocumentEvaluator;
import dev.megalodon.trainer.evaluation.TextLoss;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a model's loss on documents, each read as one stream. */
@Command(
    name = "eval",
    header = "Measures how well a model predicts documents of any length.",
    description = {
      "",
      "Every file is a document, read as one stream from its beginning: each token is predicted from"
          + " all tokens before it, in constant memory. Prints loss, perplexity and bits per byte of"
          + " each document and of all together.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon eval checkpoints/local/job-local book.txt",
      "  megalodon eval model.safetensors books --json"
    },
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "Files, folders.")
  private List<Path> sources = List.of();

  @Option(
      names = "--bytes",
      paramLabel = "N",
      description = "Bytes of a document to read at most (default: all).")
  private long bytes = Long.MAX_VALUE;

  @Option(names = "--json", description = "One JSON object instead of lines.")
  private boolean json;

  @Mixin private TokenizerOptions tokenizerOptions = new TokenizerOptions();
  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    ModelFile file = ModelFile.find(model);
    List<Path> documents = documents();
    Map<String, TextLoss> losses = new LinkedHashMap<>();
    try (OpenDevice open = deviceOptions.start();
        Tokenizer tokenizer = tokenizerOptions.open(file.parameters())) {
      DocumentEvaluator evaluator = new DocumentEvaluator(file.load(open.device()), tokenizer);
      for (Path document : documents) {
        TextLoss loss = evaluate(evaluator, document);
        losses.put(document.toString(), loss);
        if (!json) {
          print(document.toString(), loss);
        }
      }
    }
    summarize(losses);
    return ExitCode.COMPLETE.code();
  }

  private TextLoss evaluate(DocumentEvaluator evaluator, Path document) {
    try (InputStream text = Files.newInputStream(document)) {
      TextLoss loss = evaluator.evaluate(text, bytes);
      if (loss.tokens() == 0) {
        throw new WorkerExit(
            ExitCode.BAD_DATA,
            "%s has less than two tokens: nothing to predict".formatted(document));
      }
      return loss;
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "%s cannot be read: %s".formatted(document, e), e);
    }
  }

  private List<Path> documents() {
    return sources.stream().flatMap(source -> files(source).stream()).toList();
  }

  private static List<Path> files(Path source) {
    try (Stream<Path> files = Files.walk(source.toRealPath())) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new WorkerExit(ExitCode.MISSING_INPUT, "%s cannot be read: %s".formatted(source, e), e);
    }
  }

  private void summarize(Map<String, TextLoss> losses) {
    TextLoss total = losses.values().stream().reduce(TextLoss.NONE, TextLoss::plus);
    if (json) {
      ObjectNode result = JsonMapper.builder().build().createObjectNode();
      losses.forEach(
          (name, loss) -> fill(result.withArray("documents").addObject().put("file", name), loss));
      fill(result.putObject("total"), total);
      out().println(result);
    } else if (losses.size() > 1) {
      print("total", total);
    }
    out().flush();
  }

  private static void fill(ObjectNode target, TextLoss loss) {
    target
        .put("tokens", loss.tokens())
        .put("bytes", loss.bytes())
        .put("loss", loss.loss())
        .put("perplexity", loss.perplexity())
        .put("bitsPerByte", loss.bitsPerByte());
  }

  private void print(String name, TextLoss loss) {
    out()
        .printf(
            Locale.ROOT,
            "%s: %d tokens, %d bytes, loss %.4f nats/token, perplexity %.3f, %.4f bits/byte%n",
            name,
            loss.tokens(),
            loss.bytes(),
            loss.loss(),
            loss.perplexity(),
            loss.bitsPerByte());
    out().flush();
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
