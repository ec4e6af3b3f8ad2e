package dev.megalodon.trainer.interchange.pytorch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stack and memo of the pickle machine, both bounded. */
final class PickleStack {
  private static final int MAX_VALUES = 10_000;
  private static final int MAX_MARKS = 64;
  private static final int MAX_MEMO = 200_000;

  private final PickleInput input;
  private final List<Pickled> values = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Integer, Pickled> memo = new HashMap<>();

  PickleStack(PickleInput input) {
    this.input = input;
  }

  void push(Pickled value) throws PytorchFileException {
    if (values.size() == MAX_VALUES) {
      throw input.refused("a stack of more than %d values".formatted(MAX_VALUES));
    }
    values.add(value);
  }

  Pickled pop() throws PytorchFileException {
    Pickled top = top();
    values.removeLast();
    return top;
  }

  /** The value last pushed, but none below the last mark. */
  Pickled top() throws PytorchFileException {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (values.size() <= floor) {
      throw input.refused("an instruction without a value to work on");
    }
    return values.getLast();
  }

  void mark() throws PytorchFileException {
    if (marks.size() == MAX_MARKS) {
      throw input.refused("more than %d marks inside each other".formatted(MAX_MARKS));
    }
    marks.addLast(values.size());
  }

  /** Takes all values above the last mark, and the mark. */
  List<Pickled> popToMark() throws PytorchFileException {
    if (marks.isEmpty()) {
      throw input.refused("an instruction without its mark");
    }
    List<Pickled> above = values.subList(marks.removeLast(), values.size());
    List<Pickled> taken = List.copyOf(above);
    above.clear();
    return taken;
  }

  /** Takes the last values, oldest first. */
  List<Pickled> pop(int count) throws PytorchFileException {
    List<Pickled> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.addFirst(pop());
    }
    return taken;
  }

  /** Remembers the value on top under a number. */
  void remember(int number) throws PytorchFileException {
    if (memo.size() == MAX_MEMO) {
      throw input.refused("a memo of more than %d values".formatted(MAX_MEMO));
    }
    memo.put(number, top());
  }

  Pickled recall(int number) throws PytorchFileException {
    Pickled value = memo.get(number);
    if (value == null) {
      throw input.refused("memo %d, which holds nothing,".formatted(number));
    }
    return value;
  }

  /** Takes the only value there is. */
  Pickled result() throws PytorchFileException {
    if (values.size() != 1 || !marks.isEmpty()) {
      throw input.refused("an end with %d values on the stack".formatted(values.size()));
    }
    return pop();
  }
}
