package io.weft.agent;

import io.weft.model.Resource;
import io.weft.model.Source;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Compares objects by what they say, wherever they were read from. */
final class Meaning {
    private Meaning() {}

    /** {@return whether both differ at most in their {@link Source}s} */
    static boolean same(Resource a, Resource b) {
        return a.equals(b) || sameValue(a, b);
    }

    private static boolean sameValue(Object a, Object b) {
        if (a instanceof Source && b instanceof Source) {
            return true;
        }
        if (a instanceof Record && a.getClass() == b.getClass()) {
            for (RecordComponent part : a.getClass().getRecordComponents()) {
                if (!sameValue(value(part, a), value(part, b))) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Optional<?> one && b instanceof Optional<?> other) {
            return one.isPresent() == other.isPresent()
                    && (one.isEmpty() || sameValue(one.get(), other.get()));
        }
        if (a instanceof List<?> one && b instanceof List<?> other) {
            if (one.size() != other.size()) {
                return false;
            }
            for (int i = 0; i < one.size(); i++) {
                if (!sameValue(one.get(i), other.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return Objects.equals(a, b);
    }

    private static Object value(RecordComponent part, Object of) {
        try {
            return part.getAccessor().invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(part + " of " + of.getClass(), e);
        }
    }
}
