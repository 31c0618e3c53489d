/** Wrong is what a check throws when the file is not what it should be. */
final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String message) {
        super(message);
    }

    /** Throws when a claim does not hold. */
    static void unless(boolean holds, String otherwise) throws Wrong {
        if (!holds) {
            throw new Wrong(otherwise);
        }
    }
}
