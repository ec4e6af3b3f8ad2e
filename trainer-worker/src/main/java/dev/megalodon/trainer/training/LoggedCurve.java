package dev.megalodon.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.trainer.progress.TrainingCurve;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the step log says of the steps that other processes made, so that the curve of a new rank 0
 * begins where the job began. Of a long log only pieces are read, spread over all of it.
 */
final class LoggedCurve {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedCurve.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** About a dozen lines. */
  static final int PIECE_BYTES = 4_096;

  private static final int PIECES = Curve.MOST_POINTS;

  private final TrainingCurve curve = new TrainingCurve();
  private Speedometer speed = new Speedometer();
  private JsonNode before = JSON.missingNode();

  private LoggedCurve() {}

  /** Reads on a thread of its own: training does not wait for it. */
  static void refill(TrainingCurve curve, Path jobFolder) {
    Thread.ofPlatform()
        .daemon()
        .name("curve")
        .start(() -> curve.precede(read(jobFolder.resolve(StepLog.FILE))));
  }

  /** What a log says, empty where it cannot be read. */
  static TrainingCurve read(Path file) {
    LoggedCurve logged = new LoggedCurve();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      logged.readAll(channel);
    } catch (NoSuchFileException notYet) {
      LOG.debug("no {} yet", file);
    } catch (IOException e) {
      LOG.warn("the curve begins with this process: {} cannot be read: {}", file, e.toString());
    }
    return logged.curve;
  }

  private void readAll(FileChannel channel) throws IOException {
    long size = channel.size();
    if (size <= (long) PIECES * PIECE_BYTES) {
      readPiece(channel, 0, (int) size);
      return;
    }
    for (int piece = 0; piece < PIECES; piece++) {
      before = JSON.missingNode();
      readPiece(channel, (size - PIECE_BYTES) / (PIECES - 1) * piece, PIECE_BYTES);
    }
  }

  private void readPiece(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) > 0) {}
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    text.lines().forEach(this::add);
  }

  /** Takes in a line; one that is not whole is nothing. */
  private void add(String text) {
    try {
      JsonNode line = JSON.readTree(text);
      switch (line.path("kind").asText()) {
        case "step" -> addStep(line);
        case "evaluation" ->
            curve.evaluation(line.path("step").asLong(), number(line, "heldOutLossBits"));
        default -> {}
      }
    } catch (JsonProcessingException | IllegalArgumentException torn) {
      LOG.trace("not a whole line: {}", text);
    }
  }

  private void addStep(JsonNode line) {
    Instant time = time(line);
    double tokensPerSecond = tokensPerSecond(line, time);
    before = line;
    curve.step(
        new TrainingCurve.Point(
            line.path("step").asLong(),
            time.toEpochMilli(),
            number(line, "lossBits"),
            number(line, "gradientNormBits"),
            tokensPerSecond));
  }

  /** From the line before, where it is of the step before and of the same epoch. */
  private double tokensPerSecond(JsonNode line, Instant time) {
    boolean goesOn =
        line.path("epoch").equals(before.path("epoch"))
            && line.path("step").asLong() == before.path("step").asLong() + 1;
    if (!goesOn) {
      speed = new Speedometer();
      return Double.NaN;
    }
    speed.record(Duration.between(time(before), time));
    return speed.tokensPerSecond(line.path("tokens").asLong() - before.path("tokens").asLong());
  }

  private static Instant time(JsonNode line) {
    try {
      return Instant.parse(line.path("time").asText());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static double number(JsonNode line, String field) {
    return Double.parseDouble(line.path(field).asText());
  }
}
