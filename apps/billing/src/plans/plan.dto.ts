import { MoneyDto } from '../money/money.dto.js';

export class PlanDto {
  id!: string;
  product!: string;
  productName!: string;
  name!: string;
  termMonths!: number;
  prices!: MoneyDto[];
  /** Switches, limits and grades by name. */
  features!: Record<string, string | number | boolean>;
}

export class PlansDto {
  items!: PlanDto[];
}
