package dev.megalodon.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line for each step and evaluation, appended to {@code steps.jsonl} in the job's folder
 * by rank 0. Losses stand there twice, for people and exactly ({@code lossBits}, a hexadecimal
 * double). A step that is run again after a loss of ranks appears again, under a greater epoch: of
 * several lines for one step the last is right. A crash or a full disk may tear a line; what comes
 * after it begins on a line of its own, so readers skip lines that are not JSON and lose no other.
 */
final class StepLog {
  static final String FILE = "steps.jsonl";
  private static final Logger LOG = LoggerFactory.getLogger(StepLog.class);
  private static final Set<StandardOpenOption> APPENDING =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String EVALUATION = "evaluation";
  private static final int TAIL_BYTES = 4096;

  private final Path file;
  private boolean failed;
  private boolean maybeTorn = true;

  StepLog(Path jobFolder) {
    this.file = jobFolder.resolve(FILE);
  }

  /** The step of the newest line, whoever wrote it; 0 when there is none. */
  long newestStep() {
    return newestLines().stream().mapToLong(StepLog::stepOf).findFirst().orElse(0);
  }

  /** Whether an evaluation after a step is among the newest lines. */
  boolean hasEvaluation(long step) {
    return newestLines().stream()
        .anyMatch(line -> line.path("kind").asText().equals(EVALUATION) && stepOf(line) == step);
  }

  /** The last lines that are whole, the newest first. */
  private List<JsonNode> newestLines() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer tail = ByteBuffer.allocate((int) Math.min(channel.size(), TAIL_BYTES));
      channel.read(tail, channel.size() - tail.capacity());
      List<String> lines = new String(tail.array(), StandardCharsets.UTF_8).lines().toList();
      return lines.reversed().stream()
          .map(StepLog::parsed)
          .filter(line -> line.path("step").isIntegralNumber())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Nothing for a line that is not whole. */
  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static long stepOf(JsonNode line) {
    return line.path("step").asLong();
  }

  /** Logs a finished step. */
  void step(Session session, long step, StepResult result, long tokens, String time) {
    Map<String, Object> line = line("step", session, step, time);
    line.put("loss", result.loss());
    line.put("lossBits", Double.toHexString(result.loss()));
    line.put("gradientNorm", result.gradientNorm());
    line.put("gradientNormBits", Double.toHexString(result.gradientNorm()));
    line.put("learningRate", result.learningRate());
    line.put("tokens", tokens);
    append(line);
  }

  /** Logs an evaluation after a step. */
  void evaluation(Session session, long step, double loss, String time) {
    Map<String, Object> line = line(EVALUATION, session, step, time);
    line.put("heldOutLoss", loss);
    line.put("heldOutLossBits", Double.toHexString(loss));
    append(line);
  }

  private static Map<String, Object> line(String kind, Session session, long step, String time) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", kind);
    line.put("step", step);
    line.put("epoch", session.epoch());
    line.put("time", time);
    return line;
  }

  private void append(Map<String, Object> line) {
    boolean unsure = maybeTorn;
    maybeTorn = true;
    try (FileChannel channel = FileChannel.open(file, APPENDING)) {
      String text = JSON.writeValueAsString(line) + "\n";
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(unsure && isTorn() ? "\n" + text : text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      maybeTorn = false;
      failed = false;
    } catch (IOException e) {
      if (!failed) {
        LOG.warn("cannot append to {}: {}; training goes on without it", file, e.toString());
      }
      failed = true;
    }
  }

  /** Whether the last line has no end: whoever wrote it stopped in the middle. */
  private boolean isTorn() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return channel.size() > 0
          && channel.read(last, channel.size() - 1) == 1
          && last.get(0) != '\n';
    }
  }
}
