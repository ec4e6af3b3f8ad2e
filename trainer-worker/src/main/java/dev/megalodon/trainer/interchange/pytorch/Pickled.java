package dev.megalodon.trainer.interchange.pytorch;

import dev.megalodon.kernels.safetensors.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a pickle of a state dict can hold, as data. */
sealed interface Pickled {
  /** How messages call it. */
  String kind();

  /** A string. */
  record Text(String value) implements Pickled {
    @Override
    public String kind() {
      return "a string";
    }
  }

  /** An integer. */
  record Whole(long value) implements Pickled {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /** True, false or none. */
  enum Constant implements Pickled {
    TRUE,
    FALSE,
    NONE;

    @Override
    public String kind() {
      return "a constant";
    }
  }

  /**
   * A tuple.
   *
   * @param depth tuples inside each other, itself included
   */
  record Tuple(List<Pickled> items, int depth) implements Pickled {
    static Tuple of(List<Pickled> items) {
      int below = 0;
      for (Pickled item : items) {
        below = Math.max(below, item instanceof Tuple tuple ? tuple.depth : 0);
      }
      return new Tuple(List.copyOf(items), below + 1);
    }

    @Override
    public String kind() {
      return "a tuple";
    }
  }

  /** A dictionary with strings for keys, filled after it is made. It may hold itself. */
  final class Dictionary implements Pickled {
    private final Map<String, Pickled> items = new LinkedHashMap<>();

    Map<String, Pickled> items() {
      return items;
    }

    @Override
    public String kind() {
      return "a dictionary";
    }
  }

  /** The only names that a pickle may mention. They are never looked up or called. */
  enum Global implements Pickled {
    ORDERED_DICT("collections", "OrderedDict"),
    REBUILD_TENSOR("torch._utils", "_rebuild_tensor_v2"),
    REBUILD_PARAMETER("torch._utils", "_rebuild_parameter"),
    FLOAT_STORAGE("torch", "FloatStorage"),
    BFLOAT16_STORAGE("torch", "BFloat16Storage"),
    HALF_STORAGE("torch", "HalfStorage"),
    LONG_STORAGE("torch", "LongStorage");

    private final String module;
    private final String member;

    Global(String module, String member) {
      this.module = module;
      this.member = member;
    }

    boolean isCalled(String wantedModule, String wantedMember) {
      return module.equals(wantedModule) && member.equals(wantedMember);
    }

    @Override
    public String kind() {
      return module + "." + member;
    }
  }

  /**
   * Elements in an entry of their own.
   *
   * @param key name of the entry below data/
   * @param elements how many
   */
  record Storage(DataType type, String key, long elements) implements Pickled {
    @Override
    public String kind() {
      return "a storage";
    }
  }

  /** A view of a storage. */
  record TensorView(Storage storage, StridedLayout layout) implements Pickled {
    @Override
    public String kind() {
      return "a tensor";
    }
  }
}
