package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.data.Batch;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.data.TokenRange;
import dev.megalodon.trainer.data.TokenStream;
import dev.megalodon.trainer.data.order.Extent;
import dev.megalodon.trainer.data.order.Window;
import dev.megalodon.trainer.data.order.WindowOrder;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The text of a run: what is trained on, what is held out, and which windows a step sees. Sources
 * without weights are one text; with weights each is a text of its own.
 */
public final class TrainingText implements AutoCloseable {
  private final TrainingPlan.Data data;
  private final List<TokenStream> streams = new ArrayList<>();
  private final List<TokenRange> training = new ArrayList<>();
  private final List<TokenRange> heldOut = new ArrayList<>();
  private final WindowOrder order;

  /**
   * Opens the files of a plan.
   *
   * @throws WorkerExit naming the path that is missing, empty or too short, or the numbers of the
   *     vocabulary that do not fit
   */
  public static TrainingText open(TrainingPlan plan) {
    return new TrainingText(plan);
  }

  private TrainingText(TrainingPlan plan) {
    this.data = plan.data();
    try {
      List<OptionalDouble> weights = openTraining();
      openHeldOut();
      streams.forEach(stream -> requireFits(stream, plan.model().vocabSize()));
      this.order = order(plan, weights);
    } catch (WorkerExit e) {
      close();
      throw e;
    }
  }

  /** Opens one text for each weight, or one in all. */
  private List<OptionalDouble> openTraining() {
    if (data.sources().stream().allMatch(source -> source.weight().isEmpty())) {
      splitOffHeldOut(data.sources().stream().map(DataSource::path).toList());
      return List.of(OptionalDouble.empty());
    }
    data.sources().forEach(source -> splitOffHeldOut(List.of(source.path())));
    return data.sources().stream().map(DataSource::weight).toList();
  }

  private void splitOffHeldOut(List<Path> sources) {
    TokenStream stream = open(sources);
    long tail = (long) (stream.size() * data.heldOutFraction());
    long trained = stream.size() - tail;
    training.add(range(stream, 0, trained, "the training text in " + sources));
    if (data.heldOutFraction() > 0) {
      heldOut.add(range(stream, trained, tail, "the held-out end of the text in " + sources));
    }
  }

  private void openHeldOut() {
    if (!data.heldOutSources().isEmpty()) {
      TokenStream other = open(data.heldOutSources());
      String purpose = "the held-out text in " + data.heldOutSources();
      heldOut.add(range(other, 0, other.size(), purpose));
    }
  }

  private TokenStream open(List<Path> sources) {
    TokenStream stream = data.format().open(sources, data.separator());
    streams.add(stream);
    return stream;
  }

  private TokenRange range(TokenStream stream, long from, long size, String purpose) {
    return new TokenRange(stream, from, size, data.sequenceLength(), purpose);
  }

  private void requireFits(TokenStream stream, int modelVocabulary) {
    if (stream.vocabularySize() > modelVocabulary) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          ("the data has %d tokens (tokenizer %s, separator %s) and the model's vocabSize is %d:"
                  + " make spec.model's vocabSize %d or more")
              .formatted(
                  stream.vocabularySize(),
                  data.tokenizer(),
                  data.separator().isPresent() ? data.separator().getAsInt() : "none",
                  modelVocabulary,
                  stream.vocabularySize()));
    }
  }

  private WindowOrder order(TrainingPlan plan, List<OptionalDouble> weights) {
    List<Extent.Source> sources = new ArrayList<>();
    for (int i = 0; i < training.size(); i++) {
      sources.add(new Extent.Source(training.get(i).size(), weights.get(i)));
    }
    Extent extent = new Extent(sources, data.sequenceLength(), plan.batches().globalSequences());
    return WindowOrder.of(data.order(), extent, plan.seed());
  }

  /** Identifies what is trained on and in which order; another text or order has another. */
  public String fingerprint() {
    StringBuilder all = new StringBuilder();
    all.append("format ").append(data.format()).append('\n');
    all.append("tokenizer ").append(data.tokenizer()).append('\n');
    all.append("separator ").append(data.separator()).append('\n');
    all.append("order ").append(data.order()).append('\n');
    data.sources().forEach(source -> all.append("weight ").append(source.weight()).append('\n'));
    for (int i = 0; i < training.size(); i++) {
      all.append("text ").append(streams.get(i).fingerprint()).append('\n');
    }
    return Sha256.prefixed(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Tokens that are trained on. */
  public long trainingTokens() {
    return training.stream().mapToLong(TokenRange::size).sum();
  }

  /**
   * The sequences {@code first} to {@code first + count} of a step's global batch.
   *
   * @param step counted from 0
   */
  public Batch batch(long step, int first, int count) {
    Batch batch = Batch.empty(count, data.sequenceLength());
    for (int row = 0; row < count; row++) {
      Window window = order.window(step, first + row);
      training.get(window.source()).window(window.offset(), batch, row);
    }
    return batch;
  }

  /**
   * Whether every sequence of a step's global batch goes on where the same one of the step before
   * ended, so that its state may be carried over.
   *
   * @param step counted from 0
   */
  public boolean continues(long step) {
    return order.continues(step);
  }

  /** How many held-out windows there are, at most {@code limit}; 0 when nothing is held out. */
  public int heldOutWindows(int limit) {
    long windows = heldOut.stream().mapToLong(TokenRange::consecutiveWindows).sum();
    return (int) Math.min(limit, windows);
  }

  /**
   * Held-out windows by their numbers. The windows lie evenly over all of the held-out text, so
   * that a few of them stand for more than its first file.
   *
   * @param windows how many there are in all, as {@link #heldOutWindows} said
   */
  public Batch heldOut(int first, int count, int windows) {
    long stride = heldOut.stream().mapToLong(TokenRange::positions).sum() / windows;
    Batch batch = Batch.empty(count, data.sequenceLength());
    for (int row = 0; row < count; row++) {
      copyHeldOut((first + row) * stride, batch, row);
    }
    return batch;
  }

  /** Copies the window at a position, counted over all held-out texts. */
  private void copyHeldOut(long position, Batch batch, int row) {
    int text = 0;
    long within = position;
    while (within >= heldOut.get(text).positions()) {
      within -= heldOut.get(text).positions();
      text++;
    }
    heldOut.get(text).window(within, batch, row);
  }

  @Override
  public void close() {
    streams.forEach(TokenStream::close);
  }
}
