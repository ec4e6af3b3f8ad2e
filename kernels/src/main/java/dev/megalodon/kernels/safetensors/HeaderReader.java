package dev.megalodon.kernels.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a header token by token, so that a hostile one costs no more memory than its own size. What
 * it says of tensors is for {@link Tiling} to check.
 */
final class HeaderReader {
  /** More of either is taken for damage: it would only fill memory. */
  private static final int MAX_TENSORS = 100_000;

  private static final int MAX_RANK = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final JsonParser json;
  private final SortedMap<String, String> metadata = new TreeMap<>();
  private final List<TensorInfo> tensors = new ArrayList<>();

  private HeaderReader(Path file, JsonParser json) {
    this.file = file;
    this.json = json;
  }

  /**
   * Reads a header; its tensors come in the order in which they stand there.
   *
   * @throws SafetensorsException naming the file, and the tensor where there is one
   */
  static Header read(Path file, ByteBuffer header) throws SafetensorsException {
    if (!header.hasRemaining() || header.get(header.position()) != '{') {
      throw new SafetensorsException(file, "the header does not begin with '{'");
    }
    try (JsonParser json = JSON.createParser(utf8(header))) {
      return new HeaderReader(file, json).root();
    } catch (SafetensorsException e) {
      throw e;
    } catch (CharacterCodingException e) {
      throw damaged(file, "the header is not UTF-8", e);
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
      String problem = "the header is not JSON at character %d: %s";
      throw damaged(file, problem.formatted(at, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw damaged(file, "the header cannot be read: " + e.getMessage(), e);
    }
  }

  /** Bytes as characters; Jackson alone would guess UTF-16 and take what is not UTF-8. */
  private static Reader utf8(ByteBuffer bytes) {
    return new InputStreamReader(
        new ByteBufferBackedInputStream(bytes),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  private static SafetensorsException damaged(Path file, String problem, IOException cause) {
    SafetensorsException damaged = new SafetensorsException(file, problem);
    damaged.initCause(cause);
    return damaged;
  }

  private Header root() throws IOException {
    json.nextToken();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals(Header.METADATA)) {
        metadata(value);
      } else {
        tensors.add(tensor(name, value));
      }
      if (tensors.size() > MAX_TENSORS) {
        throw new SafetensorsException(file, "it has more than %d tensors".formatted(MAX_TENSORS));
      }
    }
    if (json.nextToken() != null) {
      throw new SafetensorsException(file, "the header is not JSON: something follows its end");
    }
    return new Header(metadata, tensors);
  }

  private void metadata(JsonToken start) throws IOException {
    if (start != JsonToken.START_OBJECT) {
      throw new SafetensorsException(file, "its metadata is not an object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw new SafetensorsException(file, "metadata '" + key + "' is not text");
      }
      metadata.put(key, json.getText());
    }
  }

  private TensorInfo tensor(String name, JsonToken start) throws IOException {
    if (start != JsonToken.START_OBJECT) {
      throw new SafetensorsException(file, name, "is not described by an object");
    }
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case Header.TYPE -> type = text(name, field);
        case Header.SHAPE -> shape = numbers(name, field);
        case Header.OFFSETS -> offsets = numbers(name, field);
        default -> json.skipChildren();
      }
    }
    return tensor(
        name,
        required(name, Header.TYPE, type),
        required(name, Header.SHAPE, shape),
        required(name, Header.OFFSETS, offsets));
  }

  private TensorInfo tensor(String name, String type, List<Long> shape, List<Long> offsets)
      throws SafetensorsException {
    if (offsets.size() != 2) {
      throw new SafetensorsException(file, name, "needs two data_offsets, not " + offsets);
    }
    return new TensorInfo(name, type(name, type), shape, offsets.get(0), offsets.get(1));
  }

  private <T> T required(String tensor, String field, @Nullable T value)
      throws SafetensorsException {
    if (value == null) {
      throw new SafetensorsException(file, tensor, "has no " + field);
    }
    return value;
  }

  private DataType type(String tensor, String name) throws SafetensorsException {
    for (DataType type : DataType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new SafetensorsException(file, tensor, "has the unknown dtype '" + name + "'");
  }

  private String text(String tensor, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new SafetensorsException(file, tensor, field + " is not text");
    }
    return json.getText();
  }

  private List<Long> numbers(String tensor, String field) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new SafetensorsException(file, tensor, field + " is not a list");
    }
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (numbers.size() == MAX_RANK) {
        throw new SafetensorsException(
            file, tensor, "has more than %d numbers in %s".formatted(MAX_RANK, field));
      }
      numbers.add(number(tensor, field));
    }
    return numbers;
  }

  private long number(String tensor, String field) throws IOException {
    boolean whole =
        json.currentToken() == JsonToken.VALUE_NUMBER_INT
            && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (!whole || json.getLongValue() < 0) {
      throw new SafetensorsException(
          file, tensor, "has %s in %s, not a whole number from 0".formatted(json.getText(), field));
    }
    return json.getLongValue();
  }
}
