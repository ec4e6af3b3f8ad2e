package dev.megalodon.trainer.memory;

import java.lang.StackWalker.StackFrame;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Adds up tensors by what they are for, which is told by who asks: the innermost caller that a rule
 * knows. So the model allocates as it always does, and nothing has to be said twice.
 */
final class Ledger {
  private static final List<Rule> RULES =
      List.of(
          new Rule("Shapes", "logits", MemoryItem.LOGITS),
          new Rule("Cema", MemoryItem.CEMA_CHECKPOINTS),
          new Rule("TimestepNorm", MemoryItem.NORM_STATISTICS),
          new Rule("ChunkAttention", MemoryItem.ATTENTION_SCORES),
          new Rule("MegaActivations", MemoryItem.ATTENTION),
          new Rule("FeedForwardActivations", MemoryItem.FEED_FORWARD),
          new Rule("BackwardScratch", MemoryItem.BACKWARD),
          new Rule("GatheredStates", MemoryItem.CARRIED_STATE),
          new Rule("RelayedStates", MemoryItem.CARRIED_STATE),
          new Rule("ModelActivations", "forRecomputation", MemoryItem.LAYER_INPUTS));

  // They allocate with the help of others, so they are looked for first, in all of the stack.
  private static final List<Rule> OVERRIDING =
      List.of(
          new Rule("BlockState", MemoryItem.CARRIED_STATE),
          new Rule("BlockStateGradient", MemoryItem.CARRIED_STATE),
          new Rule("ModelStateGradient", MemoryItem.CARRIED_STATE));

  private final Map<MemoryItem, Long> bytes = new EnumMap<>(MemoryItem.class);
  private final StackWalker walker = StackWalker.getInstance();

  /** Whose allocations are for what; without a method, all of the class and of what is inside. */
  private record Rule(String type, Optional<String> method, MemoryItem item) {
    Rule(String type, MemoryItem item) {
      this(type, Optional.empty(), item);
    }

    Rule(String type, String method, MemoryItem item) {
      this(type, Optional.of(method), item);
    }

    boolean matches(StackFrame frame) {
      String name = frame.getClassName();
      String outer = name.substring(name.lastIndexOf('.') + 1).split("\\$", 2)[0];
      return outer.equals(type) && method.map(frame.getMethodName()::equals).orElse(true);
    }
  }

  /** Books bytes for whoever called. */
  void book(long amount) {
    List<StackFrame> callers = walker.walk(frames -> frames.toList());
    MemoryItem item =
        first(callers, OVERRIDING).or(() -> first(callers, RULES)).orElse(MemoryItem.OTHER);
    bytes.merge(item, amount, Math::addExact);
  }

  private static Optional<MemoryItem> first(List<StackFrame> callers, List<Rule> rules) {
    Function<StackFrame, Optional<MemoryItem>> item =
        frame -> rules.stream().filter(rule -> rule.matches(frame)).map(Rule::item).findFirst();
    return callers.stream().map(item).flatMap(Optional::stream).findFirst();
  }

  /** What was booked. */
  Map<MemoryItem, Long> bytes() {
    return new EnumMap<>(bytes);
  }
}
