// Matrices of numbers, row after row in one Float64Array: just what lab 02 calculates with.

/** Plain data, so that it travels between processes as it is. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

function filled(rows: number, columns: number, at: (row: number, column: number) => number): Matrix {
  const data = new Float64Array(rows * columns);
  for (let index = 0; index < data.length; index++) data[index] = at(Math.floor(index / columns), index % columns);
  return { rows, columns, data };
}

function element(matrix: Matrix, row: number, column: number): number {
  return matrix.data[row * matrix.columns + column] ?? Number.NaN;
}

export function ones(rows: number, columns = 1): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns).fill(1) };
}

/** The mean of each column, as one row. */
export function columnMeans(matrix: Matrix): Matrix {
  const sums = new Float64Array(matrix.columns);
  matrix.data.forEach((value, index) => (sums[index % matrix.columns] = (sums[index % matrix.columns] ?? 0) + value));
  return { rows: 1, columns: matrix.columns, data: sums.map((sum) => sum / matrix.rows) };
}

/** Element by element; a right side of one row is taken for every row. */
export function minus(left: Matrix, right: Matrix): Matrix {
  const rowOf = (row: number): number => (right.rows === 1 ? 0 : row);
  return filled(
    left.rows,
    left.columns,
    (row, column) => element(left, row, column) - element(right, rowOf(row), column),
  );
}

export function square(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.map((value) => value * value) };
}

export function sideBySide(left: Matrix, right: Matrix): Matrix {
  return filled(left.rows, left.columns + right.columns, (row, column) =>
    column < left.columns ? element(left, row, column) : element(right, row, column - left.columns),
  );
}

export function times(left: Matrix, right: Matrix): Matrix {
  return filled(left.rows, right.columns, (row, column) => {
    let sum = 0;
    for (let k = 0; k < left.columns; k++) sum += element(left, row, k) * element(right, k, column);
    return sum;
  });
}

export function total(matrix: Matrix): number {
  return matrix.data.reduce((sum, value) => sum + value, 0);
}
