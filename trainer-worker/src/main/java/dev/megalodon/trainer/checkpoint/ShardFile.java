package dev.megalodon.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One rank's optimizer state as a file that ranks of any world size can read: two or three flat
 * tensors, {@code exp_avg}, {@code exp_avg_sq} and, where parameters are BFLOAT16, {@code master},
 * and in the metadata an index of which stretch is of which parameter.
 */
final class ShardFile {
  static final String FIRST_MOMENT = "exp_avg";
  static final String SECOND_MOMENT = "exp_avg_sq";
  static final String MASTERS = "master";
  private static final String INDEX = "index";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ShardFile() {}

  /**
   * A stretch of a parameter, as the index has it; stretches follow each other in the file.
   *
   * @param tensor the parameter's name
   * @param offset elements before it in the parameter
   * @param length elements
   */
  record Stretch(String tensor, long offset, long length) {}

  static void write(WritableByteChannel channel, OptimizerShard shard) throws IOException {
    List<OptimizerShard.Piece> pieces = shard.pieces();
    List<Stretch> index =
        pieces.stream().map(p -> new Stretch(p.tensor(), p.tensorOffset(), p.length())).toList();
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    entries.add(entry(FIRST_MOMENT, shard.firstMoment(), pieces));
    entries.add(entry(SECOND_MOMENT, shard.secondMoment(), pieces));
    shard.masters().ifPresent(masters -> entries.add(entry(MASTERS, masters, pieces)));
    SafetensorsWriter.write(channel, Map.of(INDEX, JSON.writeValueAsString(index)), entries);
  }

  private static SafetensorsWriter.Entry entry(
      String name, Tensor state, List<OptimizerShard.Piece> pieces) {
    List<MemorySegment> parts = new ArrayList<>();
    long length = 0;
    for (OptimizerShard.Piece piece : pieces) {
      parts.add(state.view(piece.shardOffset(), piece.length()).memory());
      length += piece.length();
    }
    return new SafetensorsWriter.Entry(name, DataType.of(state.type()), List.of(length), parts);
  }

  /**
   * The index of an open file.
   *
   * @throws DamagedCheckpointException when there is none
   */
  static List<Stretch> index(SafetensorsFile file) throws IOException {
    String json = file.metadata().get(INDEX);
    if (json == null) {
      throw new DamagedCheckpointException(file.path() + " has no index");
    }
    return parse(file.path(), json);
  }

  private static List<Stretch> parse(Path path, String json) throws DamagedCheckpointException {
    try {
      return JSON.readValue(json, new TypeReference<List<Stretch>>() {});
    } catch (JsonProcessingException e) {
      DamagedCheckpointException damaged =
          new DamagedCheckpointException(path + " has an unreadable index");
      damaged.initCause(e);
      throw damaged;
    }
  }
}
