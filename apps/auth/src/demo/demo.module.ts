import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { UsersModule } from '../users/users.module.js';
import { SeedDemoCommand } from './seed-demo.command.js';

@Module({ imports: [PasswordsModule, UsersModule], providers: [SeedDemoCommand] })
export class DemoModule {}
