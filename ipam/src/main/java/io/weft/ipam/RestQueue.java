package io.weft.ipam;

/** Addresses that rest, by number, in the order of their deadlines. */
final class RestQueue {
    private static final int LEAST = 16;

    private int[] numbers = new int[LEAST];
    private long[] until = new long[LEAST];
    private int head;
    private int size;

    int size() {
        return size;
    }

    /**
     * Adds a number: in one step when no deadline is later, as it is when all rest equally long.
     */
    void add(int number, long deadline) {
        if (size == numbers.length) {
            resize(2 * size);
        }
        int n = size++;
        for (; n > 0 && until[at(n - 1)] > deadline; n--) {
            numbers[at(n)] = numbers[at(n - 1)];
            until[at(n)] = until[at(n - 1)];
        }
        numbers[at(n)] = number;
        until[at(n)] = deadline;
    }

    private int at(int n) {
        return head + n & numbers.length - 1;
    }

    int number(int n) {
        return numbers[at(n)];
    }

    /** {@return the deadline of the {@code n}th, from 0} */
    long deadline(int n) {
        return until[at(n)];
    }

    /** {@return which one a number is, sought through the whole queue; -1: none} */
    int indexOf(int number) {
        for (int n = 0; n < size; n++) {
            if (numbers[at(n)] == number) {
                return n;
            }
        }
        return -1;
    }

    /** Removes the {@code n}th: in one step when it is the first. */
    void remove(int n) {
        for (int i = n; i > 0; i--) {
            numbers[at(i)] = numbers[at(i - 1)];
            until[at(i)] = until[at(i - 1)];
        }
        head = at(1);
        size--;
        if (numbers.length > 4 * LEAST && size < numbers.length / 8) {
            resize(numbers.length / 2);
        }
    }

    private void resize(int length) {
        int[] newNumbers = new int[length];
        long[] newUntil = new long[length];
        for (int n = 0; n < size; n++) {
            newNumbers[n] = numbers[at(n)];
            newUntil[n] = until[at(n)];
        }
        numbers = newNumbers;
        until = newUntil;
        head = 0;
    }
}
