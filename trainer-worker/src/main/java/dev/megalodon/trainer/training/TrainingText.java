package dev.megalodon.trainer.training;

import dev.megalodon.trainer.data.Batch;
import dev.megalodon.trainer.data.ByteText;
import dev.megalodon.trainer.data.Corpus;
import dev.megalodon.trainer.data.WindowSampler;
import dev.megalodon.trainer.job.TrainingPlan;
import java.util.Optional;

/** The text of a run: what is trained on, what is held out, and which windows a step sees. */
public final class TrainingText implements AutoCloseable {
  private final Corpus corpus;
  private final Optional<Corpus> heldOutCorpus;
  private final ByteText training;
  private final Optional<ByteText> heldOut;
  private final WindowSampler sampler;

  private TrainingText(
      Corpus corpus,
      Optional<Corpus> heldOutCorpus,
      ByteText training,
      Optional<ByteText> heldOut,
      WindowSampler sampler) {
    this.corpus = corpus;
    this.heldOutCorpus = heldOutCorpus;
    this.training = training;
    this.heldOut = heldOut;
    this.sampler = sampler;
  }

  /**
   * Opens the files of a plan.
   *
   * @throws dev.megalodon.trainer.exit.WorkerExit naming the path that is missing, empty or too
   *     short
   */
  public static TrainingText open(TrainingPlan.Data data, WindowSampler sampler) {
    Corpus corpus = Corpus.open(data.sources());
    int length = data.sequenceLength();
    long heldOutTail = (long) (corpus.size() * data.heldOutFraction());
    long trained = corpus.size() - heldOutTail;
    ByteText training =
        new ByteText(corpus, 0, trained, length, "the training text in " + data.sources());
    if (!data.heldOutSources().isEmpty()) {
      Corpus other = Corpus.open(data.heldOutSources());
      String purpose = "the held-out text in " + data.heldOutSources();
      ByteText heldOut = new ByteText(other, 0, other.size(), length, purpose);
      return new TrainingText(corpus, Optional.of(other), training, Optional.of(heldOut), sampler);
    }
    Optional<ByteText> heldOut = Optional.empty();
    if (data.heldOutFraction() > 0) {
      String purpose = "the held-out end of the text in " + data.sources();
      heldOut = Optional.of(new ByteText(corpus, trained, heldOutTail, length, purpose));
    }
    return new TrainingText(corpus, Optional.empty(), training, heldOut, sampler);
  }

  /** Identifies the training text; another text has another. */
  public String fingerprint() {
    return corpus.fingerprint();
  }

  /** Bytes that are trained on. */
  public long trainingBytes() {
    return training.size();
  }

  /**
   * The sequences {@code first} to {@code first + count} of a step's global batch.
   *
   * @param step counted from 0
   */
  public Batch batch(long step, int first, int count) {
    long[] offsets = new long[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = sampler.offset(step, first + i, training.positions());
    }
    return training.windows(offsets);
  }

  /** How many held-out windows there are, at most {@code limit}; 0 when nothing is held out. */
  public int heldOutWindows(int limit) {
    return heldOut.map(text -> (int) Math.min(limit, text.consecutiveWindows())).orElse(0);
  }

  /**
   * Held-out windows by their numbers. The windows lie evenly over all of the held-out text, so
   * that a few of them stand for more than its first file.
   *
   * @param windows how many there are in all, as {@link #heldOutWindows} said
   */
  public Batch heldOut(int first, int count, int windows) {
    ByteText text = heldOut.orElseThrow();
    long[] offsets = new long[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = (first + i) * (text.positions() / windows);
    }
    return text.windows(offsets);
  }

  @Override
  public void close() {
    corpus.close();
    heldOutCorpus.ifPresent(Corpus::close);
  }
}
