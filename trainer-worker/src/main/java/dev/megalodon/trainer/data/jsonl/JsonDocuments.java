package dev.megalodon.trainer.data.jsonl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The documents of a file of JSON lines, one after the other. Empty lines are passed over. */
public final class JsonDocuments implements AutoCloseable {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(LineReader.LONGEST_LINE).build())
          .build();

  private final LineReader lines;
  private final String field;

  /**
   * A document.
   *
   * @param line its line in the file, counted from 1
   * @param offset where its line begins in the file, bytes
   * @param text UTF-8
   */
  public record Document(long line, long offset, byte[] text) {}

  /**
   * Reads on from a line.
   *
   * @param field the field of the objects that has the text
   * @param offset where the line begins, bytes
   * @param linesBefore how many lines are before it
   */
  public JsonDocuments(Path file, String field, long offset, long linesBefore) {
    this.lines = new LineReader(file, offset, linesBefore);
    this.field = field;
  }

  /**
   * The next document, none at the end of the file.
   *
   * @throws dev.megalodon.trainer.exit.WorkerExit {@code BAD_DATA} naming file and line when it is
   *     no JSON object with that field as a string
   */
  public Optional<Document> next() {
    Optional<LineReader.Line> line = lines.next();
    while (line.isPresent() && isBlank(line.get().bytes())) {
      line = lines.next();
    }
    return line.map(found -> new Document(found.number(), found.offset(), text(found)));
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte value : bytes) {
      if (value != ' ' && value != '\t' && value != '\r') {
        return false;
      }
    }
    return true;
  }

  private byte[] text(LineReader.Line line) {
    try (JsonParser parser = JSON.createParser(line.bytes())) {
      String text = field(parser, line);
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[utf8.remaining()];
      utf8.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw line.bad("\"%s\" has half a surrogate pair, which is no text".formatted(field), e);
    } catch (IOException e) {
      throw line.bad("it is not valid JSON: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  private String field(JsonParser parser, LineReader.Line line) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw line.bad("it is not a JSON object", new IOException("no object"));
    }
    String text = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = parser.currentName().equals(field);
      JsonToken value = parser.nextToken();
      if (wanted && value == JsonToken.VALUE_STRING) {
        text = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw line.bad("there is more than one JSON object", new IOException("trailing tokens"));
    }
    return required(text, line);
  }

  private String required(@Nullable String text, LineReader.Line line) {
    if (text == null) {
      throw line.bad(
          "it has no field \"%s\" that is a string: check spec.data.jsonField".formatted(field),
          new IOException("no field"));
    }
    return text;
  }

  @Override
  public void close() {
    lines.close();
  }
}
