package dev.megalodon.trainer.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a SentencePiece model file says ({@code sentencepiece_model.proto}), as far as decoding and
 * checking need it. The native library trusts a file's content in places; what it trusts is checked
 * here first, so that a damaged file is an error and no crash.
 *
 * @param pieces in the order of their ids
 * @param unknownSurface what the unknown token is decoded to
 * @param addsPrefix whether encoding puts a space before a text
 * @param removesSpaces whether encoding removes extra spaces
 */
record SentencePieceModel(
    List<Piece> pieces, String unknownSurface, boolean addsPrefix, boolean removesSpaces) {
  private static final int MOST_PIECES = 1 << 22;
  private static final int LONGEST_PIECE = 1 << 12;
  private static final String DEFAULT_UNKNOWN_SURFACE = " \u2047 ";

  /** What a piece is, with the file's numbers. */
  enum Type {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  /** A token: its text, or {@code <0xAB>} for a byte. */
  record Piece(String text, Type type) {
    /** The byte that a piece of type BYTE stands for. */
    int value() {
      return Integer.parseInt(text.substring(3, 5), 16);
    }
  }

  /** Keeps its own copy. */
  SentencePieceModel {
    pieces = List.copyOf(pieces);
  }

  /**
   * Reads a file's content.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static SentencePieceModel parse(byte[] content) {
    Parser parser = new Parser();
    ProtobufReader model = new ProtobufReader(ByteBuffer.wrap(content));
    while (model.next()) {
      if (model.isBytes(1)) {
        parser.piece(new ProtobufReader(model.bytes()));
      } else if (model.isBytes(2)) {
        parser.trainer(new ProtobufReader(model.bytes()));
      } else if (model.isBytes(3)) {
        parser.normalizer(new ProtobufReader(model.bytes()));
      } else if (model.isBytes(5)) {
        parser.denormalizer(new ProtobufReader(model.bytes()));
      }
    }
    return parser.model();
  }

  /** Collects what the fields say; the defaults are those of the file's schema. */
  private static final class Parser {
    private final List<Piece> pieces = new ArrayList<>();
    private String unknownSurface = DEFAULT_UNKNOWN_SURFACE;
    private boolean addsPrefix = true;
    private boolean removesSpaces = true;

    void piece(ProtobufReader fields) {
      String text = "";
      Type type = Type.NORMAL;
      while (fields.next()) {
        if (fields.isBytes(1)) {
          text = text(fields.bytes());
        } else if (fields.isFloat(2)) {
          require(Float.isFinite(fields.real()), "piece %d has no finite score", pieces.size());
        } else if (fields.isInteger(3)) {
          type = type(fields.integer());
        }
      }
      require(!text.isEmpty(), "piece %d is empty", pieces.size());
      require(text.length() <= LONGEST_PIECE, "piece %d is too long", pieces.size());
      require(
          type != Type.BYTE || text.matches("<0x[0-9A-F]{2}>"),
          "piece %d is no byte",
          pieces.size());
      pieces.add(new Piece(text, type));
      require(pieces.size() <= MOST_PIECES, "it has more than %d pieces", MOST_PIECES);
    }

    private Type type(long number) {
      require(number >= 1 && number <= 6, "piece %d is of an unknown type", pieces.size());
      return Type.values()[(int) number - 1];
    }

    void trainer(ProtobufReader fields) {
      while (fields.next()) {
        if (fields.isBytes(44)) {
          unknownSurface = text(fields.bytes());
        }
      }
    }

    void normalizer(ProtobufReader fields) {
      while (fields.next()) {
        if (fields.isBytes(2)) {
          CharacterMap.check(fields.bytes());
        } else if (fields.isInteger(3)) {
          addsPrefix = fields.integer() != 0;
        } else if (fields.isInteger(4)) {
          removesSpaces = fields.integer() != 0;
        }
      }
    }

    void denormalizer(ProtobufReader fields) {
      while (fields.next()) {
        require(
            !fields.isBytes(2) || !fields.bytes().hasRemaining(),
            "it has a denormalizer, which this program does not know");
      }
    }

    SentencePieceModel model() {
      require(!pieces.isEmpty(), "it has no pieces");
      long unknown = pieces.stream().filter(piece -> piece.type() == Type.UNKNOWN).count();
      require(unknown == 1, "it has %d unknown tokens, not 1", unknown);
      return new SentencePieceModel(pieces, unknownSurface, addsPrefix, removesSpaces);
    }

    private static String text(ByteBuffer bytes) {
      return StandardCharsets.UTF_8.decode(bytes).toString();
    }
  }

  static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }

  /** The piece of an id, if there is one. */
  Optional<Piece> piece(int id) {
    return id >= 0 && id < pieces.size() ? Optional.of(pieces.get(id)) : Optional.empty();
  }
}
