package dev.megalodon.trainer.tokenizer;

import java.util.Optional;

/**
 * Decodes pieces as SentencePiece does: a piece's low line U+2581 is a space, control tokens are
 * nothing, runs of byte pieces are UTF-8, and the space that encoding put before the text goes
 * away.
 */
final class SentencePieceDecoder implements TextDecoder {
  private static final String SPACE = "\u2581";
  private static final String REPLACEMENT = "\uFFFD";

  private final SentencePieceModel model;
  private final Utf8Decoder bytes = new Utf8Decoder();
  private boolean atStart = true;

  SentencePieceDecoder(SentencePieceModel model) {
    this.model = model;
  }

  @Override
  public String accept(int token) {
    Optional<SentencePieceModel.Piece> piece = model.piece(token);
    if (piece.isPresent() && piece.get().type() == SentencePieceModel.Type.BYTE) {
      atStart = false;
      return bytes.accept(piece.get().value());
    }
    String before = bytes.finish();
    return before + piece.map(this::text).orElse(REPLACEMENT);
  }

  private String text(SentencePieceModel.Piece piece) {
    return switch (piece.type()) {
      case CONTROL -> "";
      case UNKNOWN -> shown(model.unknownSurface());
      default -> shown(withoutPrefix(piece.text()).replace(SPACE, " "));
    };
  }

  private String shown(String text) {
    atStart = atStart && text.isEmpty();
    return text;
  }

  private String withoutPrefix(String piece) {
    boolean removable = model.addsPrefix() || model.removesSpaces();
    if (!atStart || !removable || !piece.startsWith(SPACE)) {
      return piece;
    }
    // Where extra spaces are removed, all before the first word go; otherwise only the prefix.
    atStart = model.removesSpaces();
    return piece.substring(SPACE.length());
  }

  @Override
  public String finish() {
    return bytes.finish();
  }
}
