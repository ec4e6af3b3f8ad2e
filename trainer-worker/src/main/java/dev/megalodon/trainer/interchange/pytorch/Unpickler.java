package dev.megalodon.trainer.interchange.pytorch;

import java.util.List;

/**
 * Runs the instructions of a pickle that build dictionaries of tensors, of protocol 2 and below as
 * {@code torch.save} writes them. Names are data: nothing is imported, called or executed.
 */
final class Unpickler {
  /** Enough for some fifty thousand tensors. */
  private static final long MAX_BYTES = 8 << 20;

  private static final int MAX_PROTOCOL = 2;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_ITEMS = 50_000;

  private final PickleInput input;
  private final PickleStack stack;
  private final Rebuild rebuild;
  private int items;

  private Unpickler(PickleInput input) {
    this.input = input;
    this.stack = new PickleStack(input);
    this.rebuild = new Rebuild(input);
  }

  /**
   * The value that a pickle stands for.
   *
   * @throws PytorchFileException naming the instruction or name that is not allowed, and its byte
   */
  static Pickled read(Bytes pickle) throws PytorchFileException {
    if (pickle.size() > MAX_BYTES) {
      throw pickle.damaged("%d bytes are more than %d".formatted(pickle.size(), MAX_BYTES));
    }
    return new Unpickler(new PickleInput(pickle)).run();
  }

  private Pickled run() throws PytorchFileException {
    for (int opcode = input.opcode(); opcode != '.'; opcode = input.opcode()) {
      step(opcode);
    }
    if (!input.isAtEnd()) {
      throw input.refused("STOP before the end");
    }
    return stack.result();
  }

  private void step(int opcode) throws PytorchFileException {
    switch (opcode) {
      case 0x80 -> protocol(); // PROTO
      case '(' -> stack.mark(); // MARK
      case '}' -> stack.push(new Pickled.Dictionary()); // EMPTY_DICT
      case ')' -> pushTuple(List.of()); // EMPTY_TUPLE
      case 't' -> pushTuple(stack.popToMark()); // TUPLE
      case 0x85 -> pushTuple(stack.pop(1)); // TUPLE1
      case 0x86 -> pushTuple(stack.pop(2)); // TUPLE2
      case 0x87 -> pushTuple(stack.pop(3)); // TUPLE3
      case 'N' -> stack.push(Pickled.Constant.NONE); // NONE
      case 0x88 -> stack.push(Pickled.Constant.TRUE); // NEWTRUE
      case 0x89 -> stack.push(Pickled.Constant.FALSE); // NEWFALSE
      case 'J' -> stack.push(new Pickled.Whole(input.signedInt())); // BININT
      case 'K' -> stack.push(new Pickled.Whole(input.unsignedByte())); // BININT1
      case 'M' -> stack.push(new Pickled.Whole(input.unsignedShort())); // BININT2
      case 0x8a -> stack.push(new Pickled.Whole(input.shortLong())); // LONG1
      case 'X' -> stack.push(new Pickled.Text(input.text())); // BINUNICODE
      case 'q' -> stack.remember(input.unsignedByte()); // BINPUT
      case 'r' -> stack.remember(input.signedInt()); // LONG_BINPUT
      case 'h' -> stack.push(stack.recall(input.unsignedByte())); // BINGET
      case 'j' -> stack.push(stack.recall(input.signedInt())); // LONG_BINGET
      case 's' -> setItems(stack.pop(2)); // SETITEM
      case 'u' -> setItems(stack.popToMark()); // SETITEMS
      case 'c' -> stack.push(global(input.line(), input.line())); // GLOBAL
      case 'Q' -> stack.push(rebuild.storage(stack.pop())); // BINPERSID
      case 'R' -> reduce(stack.pop()); // REDUCE
      case 'b' -> build(stack.pop()); // BUILD
      default -> throw input.refused(describe(opcode));
    }
  }

  private static String describe(int opcode) {
    boolean visible = opcode > ' ' && opcode < 0x7f;
    return "the pickle opcode 0x%02x%s".formatted(opcode, visible ? " '%c'".formatted(opcode) : "");
  }

  private void protocol() throws PytorchFileException {
    int protocol = input.unsignedByte();
    if (protocol > MAX_PROTOCOL) {
      throw input.refused(
          "pickle protocol %d (torch.save writes %d by default)".formatted(protocol, MAX_PROTOCOL));
    }
  }

  private void pushTuple(List<Pickled> members) throws PytorchFileException {
    Pickled.Tuple tuple = Pickled.Tuple.of(members);
    if (tuple.depth() > MAX_DEPTH) {
      throw input.refused("more than %d tuples inside each other".formatted(MAX_DEPTH));
    }
    stack.push(tuple);
  }

  private Pickled.Global global(String module, String member) throws PytorchFileException {
    for (Pickled.Global known : Pickled.Global.values()) {
      if (known.isCalled(module, member)) {
        return known;
      }
    }
    throw input.refused("the name %s.%s".formatted(module, member));
  }

  private void setItems(List<Pickled> keysAndValues) throws PytorchFileException {
    if (keysAndValues.size() % 2 != 0 || !(stack.top() instanceof Pickled.Dictionary dictionary)) {
      throw input.refused("items for %s".formatted(stack.top().kind()));
    }
    items += keysAndValues.size() / 2;
    if (items > MAX_ITEMS) {
      throw input.refused("a total of more than %d items".formatted(MAX_ITEMS));
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      if (!(keysAndValues.get(i) instanceof Pickled.Text key)) {
        throw input.refused("%s as a key".formatted(keysAndValues.get(i).kind()));
      }
      if (dictionary.items().put(key.value(), keysAndValues.get(i + 1)) != null) {
        throw input.refused("a second item '%s'".formatted(key.value()));
      }
    }
  }

  private void reduce(Pickled arguments) throws PytorchFileException {
    stack.push(rebuild.call(stack.pop(), arguments));
  }

  /** The attributes of a dictionary: the versions of modules, which nobody needs. */
  private void build(Pickled attributes) throws PytorchFileException {
    boolean known =
        attributes instanceof Pickled.Dictionary && stack.top() instanceof Pickled.Dictionary;
    if (!known) {
      throw input.refused("BUILD of %s".formatted(stack.top().kind()));
    }
  }
}
