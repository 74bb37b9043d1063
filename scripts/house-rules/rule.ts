/** A sentence that names the place, what is wrong and what is expected. */
export type Violation = string;

/** A rule of the house that no linter knows. Looks at the whole repository and says what breaks it. */
export type HouseRule = () => Violation[];
